/**
 * Network servers in the shape of Python's {@code socketserver}: contracts, the template, and what transports share.
 *
 * <p>Where to look:
 *
 * <ul>
 *   <li><b>To write a server's behaviour</b>: {@link org.socketserver.api.RequestHandler}, {@link
 *       org.socketserver.api.BaseRequestHandler}, and the two kinds of request they get, {@link
 *       org.socketserver.api.StreamRequest} and {@link org.socketserver.api.DatagramRequest}. Ready-made handler
 *       bases with lines and replies are in {@code org.socketserver.mixins}.
 *   <li><b>To run one</b>: a server class of a transport module, its {@link org.socketserver.api.ServerOptions}, and
 *   the life cycle in {@link org.socketserver.api.BaseServer}.
 *   <li><b>To decide where requests run</b>: {@link org.socketserver.api.MixIn}.
 *   <li><b>To watch one</b>: {@link org.socketserver.api.RequestListener}, {@link
 *       org.socketserver.api.Server#liveRequests()}.
 *   <li><b>To add a transport</b>: {@link org.socketserver.api.StreamServer} and {@link
 *       org.socketserver.api.DatagramServer} for selectable channels, {@link org.socketserver.api.BaseServer} for
 *       anything else, with {@link org.socketserver.api.Connection} or {@link org.socketserver.api.PacketRequest}
 *       below.
 * </ul>
 *
 * <p>No parameter and no result is {@code null} unless it is marked so; passing {@code null} throws {@link
 * java.lang.NullPointerException}. Servers and what can be set about them name the parameter in its message.
 */
@NullMarked
package org.socketserver.api;

import org.jspecify.annotations.NullMarked;
