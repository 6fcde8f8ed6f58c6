/** The contenders that run on a JVM: echo servers, each with a main method of its own. */
@NullMarked
package org.socketserver.benchmarks.servers;

import org.jspecify.annotations.NullMarked;
