/**
 * The template of every server and the way of a request through it.
 *
 * <ul> <li><b>To extend</b>: {@link org.socketserver.api.server.BaseServer} with the hooks of {@link
 * org.socketserver.api.server.ServerHooks}; {@link org.socketserver.api.server.StreamServer} and {@link
 * org.socketserver.api.server.DatagramServer} for transports over selectable channels. A transport makes a {@link
 * org.socketserver.api.server.ConnectionRequest} or {@link org.socketserver.api.server.PacketRequest} of what it
 * receives. <li><b>The core</b>, visible in this package only. {@code Acceptor} fetches requests. {@code Dispatcher}
 * sends each through the hooks. {@code Exchange} is one request on its way, with the one {@code Ending} that came from
 * outside if there was one. {@code InFlight} is the set of all of them, which {@code Drain} sees to their end in a
 * stop. {@code IoWait} and {@code RequestTimer} are the deadlines, {@code Telemetry} is everything that can be seen.
 * </ul>
 *
 * <p>The core is here and not in a package of its own, so that the hooks can stay protected and the core can stay out
 * of reach without a second set of interfaces.
 */
@NullMarked
package org.socketserver.api.server;

import org.jspecify.annotations.NullMarked;
