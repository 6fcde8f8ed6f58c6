/** Messages between a server and its workers: compact, with checked lengths, without Java serialization. */
@NullMarked
package org.socketserver.mixins.forking.wire;

import org.jspecify.annotations.NullMarked;
