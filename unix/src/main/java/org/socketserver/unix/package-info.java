/**
 * Servers on Unix-domain sockets: {@link org.socketserver.unix.UnixStreamServer} for connections and {@link
 * org.socketserver.unix.UnixDatagramServer} for packets, on socket files and in Linux's abstract namespace.
 */
@NullMarked
package org.socketserver.unix;

import org.jspecify.annotations.NullMarked;
