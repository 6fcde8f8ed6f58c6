/**
 * The template of all servers, and the engine that sends requests through it.
 *
 * <ul> <li><b>To extend</b>: {@link org.socketserver.api.server.BaseServer} with the hooks of {@link
 * org.socketserver.api.server.ServerHooks}; {@link org.socketserver.api.server.StreamServer} and {@link
 * org.socketserver.api.server.DatagramServer} for transports over channels of {@code java.nio}. A transport creates a
 * {@link org.socketserver.api.server.ConnectionRequest} or a {@link org.socketserver.api.server.PacketRequest} for each
 * connection or packet. <li><b>The engine</b>, visible in this package only. {@code Acceptor} fetches requests. {@code
 * Dispatcher} sends each through the hooks, {@code Handshakes} puts the layers over its connection. {@code Exchange} is
 * one request until it is closed, and {@code Ending} the reason if it was ended from outside. {@code InFlight} is the
 * set of all exchanges, and {@code Drain} ends them in a stop. {@code IoWait} and {@code RequestTimer} implement the
 * deadlines. {@code Telemetry} updates the counters and calls the listener.
 * </ul>
 *
 * <p>The engine is in this package so that it can be package-private and call protected hooks without another set of
 * interfaces.
 */
@NullMarked
package org.socketserver.api.server;

import org.jspecify.annotations.NullMarked;
