/**
 * Network servers modeled on Python's {@code socketserver}: what users and handlers name.
 *
 * <ul> <li><b>To write a handler</b>: {@link org.socketserver.api.RequestHandler}, {@link
 * org.socketserver.api.BaseRequestHandler}, and the two kinds of request, {@link org.socketserver.api.StreamRequest}
 * and {@link org.socketserver.api.DatagramRequest}. Handlers with lines and replies are in {@code
 * org.socketserver.mixins}. <li><b>To run a server</b>: a server class of a transport module, its {@link
 * org.socketserver.api.ServerOptions}, and the life cycle in {@code org.socketserver.api.server.BaseServer}. <li><b>To
 * observe one</b>: {@link org.socketserver.api.RequestListener}, {@link org.socketserver.api.ServerStats}, {@link
 * org.socketserver.api.Server#liveRequests()}. <li><b>To decide where requests run, or to add a transport</b>: {@code
 * org.socketserver.api.spi} and {@code org.socketserver.api.server}. </ul>
 *
 * <p>No parameter and no result is {@code null} unless it is marked so; passing {@code null} throws {@link
 * java.lang.NullPointerException}. Servers and what can be set about them name the parameter in its message.
 */
@NullMarked
package org.socketserver.api;

import org.jspecify.annotations.NullMarked;
