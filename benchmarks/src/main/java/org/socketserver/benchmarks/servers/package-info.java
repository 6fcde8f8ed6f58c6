/** The contenders in Java: echo servers, each with its own main method. */
@NullMarked
package org.socketserver.benchmarks.servers;

import org.jspecify.annotations.NullMarked;
