/** How values travel between a server and its workers: few bytes, each length checked, no Java serialization. */
@NullMarked
package org.socketserver.mixins.forking.wire;

import org.jspecify.annotations.NullMarked;
