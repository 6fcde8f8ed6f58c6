/**
 * What users mix into a server and its handlers: {@link org.socketserver.mixins.ThreadingMixIn} and {@link
 * org.socketserver.mixins.ForkingMixIn} for where requests run, {@link org.socketserver.mixins.StreamRequestHandler}
 * and {@link org.socketserver.mixins.DatagramRequestHandler} as bases of handlers. None of them knows a transport.
 */
@NullMarked
package org.socketserver.mixins;

import org.jspecify.annotations.NullMarked;
