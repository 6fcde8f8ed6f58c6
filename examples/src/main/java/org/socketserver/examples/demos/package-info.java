/** Small servers to read and copy. Each class is self-contained and has a {@code main} method. */
@NullMarked
package org.socketserver.examples.demos;

import org.jspecify.annotations.NullMarked;
