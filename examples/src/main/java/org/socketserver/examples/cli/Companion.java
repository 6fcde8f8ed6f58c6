package org.socketserver.examples.cli;

import java.io.IOException;

/** What goes along with a server: it begins when that is bound, and ends when it is closed. */
interface Companion {
    /**
     * Begins.
     *
     * @throws IOException if it can't; the message says why, and {@link #end()} is not called
     */
    void begin() throws IOException;

    /**
     * Ends; called once.
     *
     * @throws IOException if what was gathered is lost
     */
    void end() throws IOException;

    /** Returns what {@link #end()} writes, for a message that says it is lost. */
    String result();
}
