/**
 * Servers on Unix-domain sockets: {@link org.socketserver.unix.UnixStreamServer} for connections and {@link
 * org.socketserver.unix.UnixDatagramServer} for packets, on socket files and on Linux's abstract names.
 */
@NullMarked
package org.socketserver.unix;

import org.jspecify.annotations.NullMarked;
