package org.socketserver.benchmarks;

/** The transport between the load generator and a server. */
enum Transport {
    TCP("tcp"),
    /** TLS 1.3 over TCP. */
    TLS("tls"),
    UDP("udp"),
    UNIX("unix"),
    UNIX_DATAGRAM("unixdgram");

    /** The name in the arguments of servers and the generator. */
    final String word;

    Transport(String word) {
        this.word = word;
    }

    boolean isUnix() {
        return this == UNIX || this == UNIX_DATAGRAM;
    }
}
