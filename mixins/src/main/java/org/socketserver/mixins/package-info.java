/**
 * Mix-ins, which decide where requests run, and base classes for handlers: {@link
 * org.socketserver.mixins.ThreadingMixIn} and {@link org.socketserver.mixins.ForkingMixIn}, {@link
 * org.socketserver.mixins.StreamRequestHandler} and {@link org.socketserver.mixins.DatagramRequestHandler}. All of them
 * work with every transport.
 */
@NullMarked
package org.socketserver.mixins;

import org.jspecify.annotations.NullMarked;
