/** Measures the servers of this project against others, and writes a report. */
@NullMarked
package org.socketserver.benchmarks;

import org.jspecify.annotations.NullMarked;
