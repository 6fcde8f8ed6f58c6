/** Compares the performance of this project's servers with others, and writes a report. */
@NullMarked
package org.socketserver.benchmarks;

import org.jspecify.annotations.NullMarked;
