package org.socketserver.benchmarks;

/** What bytes travel over. */
enum Transport {
    TCP("tcp"),
    UDP("udp"),
    UNIX("unix"),
    UNIX_DATAGRAM("unixdgram");

    /** As servers and the generator are told. */
    final String word;

    Transport(String word) {
        this.word = word;
    }

    boolean isUnix() {
        return this == UNIX || this == UNIX_DATAGRAM;
    }
}
