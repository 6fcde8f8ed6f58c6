/**
 * The types that authors of transports and mix-ins use.
 *
 * <ul> <li><b>A mix-in</b>, {@link org.socketserver.api.spi.MixIn}, decides where requests run. It gets each request as
 * a {@link org.socketserver.api.spi.RequestTask} and can delegate it to another process with a {@link
 * org.socketserver.api.spi.RemoteHandling}. <li><b>A transport</b> supplies a {@link
 * org.socketserver.api.spi.Connection} for each accepted connection. Its server extends a class of {@code
 * org.socketserver.api.server}. <li><b>Addresses and attributes</b> that worker processes need are encoded by a {@link
 * org.socketserver.api.spi.PortableType}. </ul>
 */
@NullMarked
package org.socketserver.api.spi;

import org.jspecify.annotations.NullMarked;
