/** JMH benchmarks of parts of the framework: {@code benchmarks/run micro}. */
@NullMarked
package org.socketserver.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
