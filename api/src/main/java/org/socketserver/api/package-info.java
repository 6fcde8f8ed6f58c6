/**
 * Network servers modeled on Python's {@code socketserver}: the types that applications and handlers use.
 *
 * <ul> <li><b>To write a handler</b>: {@link org.socketserver.api.RequestHandler}, {@link
 * org.socketserver.api.BaseRequestHandler}, and the two kinds of request, {@link org.socketserver.api.StreamRequest}
 * and {@link org.socketserver.api.DatagramRequest}. Base classes of handlers, for example for lines of text, are in
 * {@code org.socketserver.mixins}. <li><b>To run a server</b>: a server class of a transport module, its {@link
 * org.socketserver.api.ServerOptions}, and the life cycle in {@code org.socketserver.api.server.BaseServer}. <li><b>To
 * observe a server</b>: {@link org.socketserver.api.RequestListener}, {@link org.socketserver.api.ServerStats}, {@link
 * org.socketserver.api.Server#liveRequests()}. <li><b>To decide where requests run, or to add a transport</b>: {@code
 * org.socketserver.api.spi} and {@code org.socketserver.api.server}. </ul>
 *
 * <p>Parameters and results are never {@code null} unless they are marked as nullable. Passing {@code null} throws
 * {@link java.lang.NullPointerException}; for servers, options and limits, its message names the parameter.
 */
@NullMarked
package org.socketserver.api;

import org.jspecify.annotations.NullMarked;
