/**
 * What authors of transports and mix-ins name.
 *
 * <ul> <li><b>A mix-in</b> decides where requests run: {@link org.socketserver.api.spi.MixIn}, which gets each as a
 * {@link org.socketserver.api.spi.RequestTask} and may hand it to another process: {@link
 * org.socketserver.api.spi.RemoteHandling}. <li><b>A transport</b> brings a {@link org.socketserver.api.spi.Connection}
 * for each accepted connection. Its server extends a class of {@code org.socketserver.api.server}. <li><b>Addresses and
 * facts</b> that worker processes need are described by a {@link org.socketserver.api.spi.PortableType}. </ul>
 */
@NullMarked
package org.socketserver.api.spi;

import org.jspecify.annotations.NullMarked;
