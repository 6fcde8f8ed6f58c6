/** What is inside of the framework, measured by JMH: {@code benchmarks/run micro}. */
@NullMarked
package org.socketserver.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
