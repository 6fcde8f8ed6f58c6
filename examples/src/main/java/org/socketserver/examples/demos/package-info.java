/** Small servers to read and copy. Each class has a {@code main} and stands alone. */
@NullMarked
package org.socketserver.examples.demos;

import org.jspecify.annotations.NullMarked;
