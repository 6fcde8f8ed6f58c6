package org.socketserver.unix;

import java.nio.file.Path;

/** The kinds of addresses: paths, served by the JDK's channels for streams, and abstract names, by junixsocket's. */
enum AddressKind {
    PATH,
    ABSTRACT;

    /** Returns a path in a folder, or an unused abstract name. */
    UnixAddress in(Path folder, String name) {
        return this == ABSTRACT ? Peers.freshName() : UnixAddress.path(folder.resolve(name));
    }
}
