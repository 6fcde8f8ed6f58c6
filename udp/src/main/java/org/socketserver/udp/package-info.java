/** UDP servers: {@link org.socketserver.udp.UdpServer}. */
@NullMarked
package org.socketserver.udp;

import org.jspecify.annotations.NullMarked;
