package org.socketserver.examples.servers;

import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.ThreadingMixIn;

/** Every mix-in there is, chosen by a word; a new one becomes a constant here and appears in the tour by that. */
public enum Concurrency {
    /** No mix-in. */
    NONE("none", "one request after another") {
        @Override
        public MixIn mixIn() {
            return MixIn.SYNCHRONOUS;
        }
    },
    /** A thread for each request. */
    THREADING("threading", "a thread for each request") {
        @Override
        public MixIn mixIn() {
            return new ThreadingMixIn();
        }
    },
    /** Worker processes. */
    FORKING("forking", "in worker processes") {
        @Override
        public MixIn mixIn() {
            return new ForkingMixIn();
        }
    };

    private final String word;
    private final String meaning;

    Concurrency(String word, String meaning) {
        this.word = word;
        this.meaning = meaning;
    }

    /**
     * Makes the mix-in with its defaults.
     *
     * @return a new one for one server
     */
    public abstract MixIn mixIn();

    /**
     * Gives the word for it.
     *
     * @return the word of the command line
     */
    public String word() {
        return word;
    }

    /**
     * Says where requests run.
     *
     * @return a few words
     */
    public String meaning() {
        return meaning;
    }
}
