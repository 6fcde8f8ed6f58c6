package org.socketserver.examples.cli;

import java.util.Arrays;
import java.util.Iterator;
import org.socketserver.examples.servers.Transport;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the word of a transport. */
final class TransportWord implements ITypeConverter<Transport> {
    @Override
    public Transport convert(String word) {
        try {
            return Transport.of(word);
        } catch (IllegalArgumentException unknown) {
            throw new TypeConversionException(unknown.getMessage());
        }
    }

    /** All words, for the help. */
    static final class All implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Transport.values()).map(Transport::word).iterator();
        }
    }
}
