package org.socketserver.examples.cli;

import java.util.function.Supplier;
import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.ThreadingMixIn;

/** The mix-ins of the command line and the tour. */
enum Concurrency {
    NONE(() -> MixIn.SYNCHRONOUS),
    THREADING(ThreadingMixIn::new),
    FORKING(ForkingMixIn::new);

    private final Supplier<MixIn> maker;

    Concurrency(Supplier<MixIn> maker) {
        this.maker = maker;
    }

    /** Returns a new mix-in with its defaults, for one server. */
    MixIn mixIn() {
        return maker.get();
    }

    /** Returns the name on the command line. */
    @Override
    public String toString() {
        return TextValues.word(this);
    }
}
