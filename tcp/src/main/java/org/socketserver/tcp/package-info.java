/** TCP servers: {@link org.socketserver.tcp.TcpServer}. */
@NullMarked
package org.socketserver.tcp;

import org.jspecify.annotations.NullMarked;
