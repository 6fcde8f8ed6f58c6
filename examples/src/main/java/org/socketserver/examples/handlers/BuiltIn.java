package org.socketserver.examples.handlers;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.socketserver.api.RequestHandler;

/** The handlers that have a name on the command line. A packet counts as its lines. */
public enum BuiltIn {
    /** See {@link Echo}. */
    ECHO(Echo.class, Echo.class),
    /** See {@link Line}. */
    LINE(Line.OfStream.class, Line.OfDatagram.class),
    /** See {@link Upper}. */
    UPPER(Upper.OfStream.class, Upper.OfDatagram.class),
    /** See {@link Pid}. */
    PID(Pid.OfStream.class, Pid.OfDatagram.class),
    /** See {@link Sleep}. */
    SLEEP(Sleep.OfStream.class, Sleep.OfDatagram.class),
    /** See {@link Fail}. */
    FAIL(Fail.OfStream.class, Fail.OfDatagram.class);

    private final Class<? extends RequestHandler<?>> ofStream;
    private final Class<? extends RequestHandler<?>> ofDatagram;

    BuiltIn(Class<? extends RequestHandler<?>> ofStream, Class<? extends RequestHandler<?>> ofDatagram) {
        this.ofStream = ofStream;
        this.ofDatagram = ofDatagram;
    }

    /**
     * Finds a handler.
     *
     * @param name its name, in lower case
     * @return the handler; empty if none has that name
     */
    public static Optional<BuiltIn> of(String name) {
        return Arrays.stream(values())
                .filter(handler -> handler.word().equals(name))
                .findFirst();
    }

    /**
     * Lists all names.
     *
     * @return the names, with commas between them
     */
    public static String names() {
        return Arrays.stream(values()).map(BuiltIn::word).collect(Collectors.joining(", "));
    }

    /**
     * Gives the handler's name.
     *
     * @return the name, in lower case
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Gives the class.
     *
     * @param stream true for connections, false for packets
     * @return a class with a constructor without parameters
     */
    public Class<? extends RequestHandler<?>> handlerClass(boolean stream) {
        return stream ? ofStream : ofDatagram;
    }
}
