package org.socketserver.mixins.forking.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.UTFDataFormatException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.Test;
import org.socketserver.api.spi.InternetAddressType;
import org.socketserver.api.spi.PortableType;

class PortableValuesTest {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.1", 80);

    private PortableValues values = with();

    /** Returns the values of a process that has these types and the type of internet addresses. */
    private static PortableValues with(PortableType<?>... types) {
        List<PortableType<?>> all = new ArrayList<>(List.of(types));
        all.add(new InternetAddressType());
        return new PortableValues(all);
    }

    private Object carried(Object value) throws Exception {
        return values.get(Wire.input(Wire.bytes(output -> values.put(output, value))));
    }

    private static byte[] named(String name, int... value) throws Exception {
        return Wire.bytes(output -> {
            output.writeShort(name.length());
            output.writeBytes(name);
            output.writeShort(value.length);
            for (int one : value) {
                output.writeByte(one);
            }
        });
    }

    private String refused(byte[] bytes) {
        return assertThrows(ProtocolException.class, () -> values.get(Wire.input(bytes)))
                .getMessage();
    }

    @Test
    void anAddressIsEncodedWithTheNameOfItsType() throws Exception {
        assertEquals(ADDRESS, carried(ADDRESS));
        assertArrayEquals(named("inet", 4, 0, 80, 127, 0, 0, 1), Wire.bytes(output -> values.put(output, ADDRESS)));
    }

    @Test
    void severalValuesCanBeConcatenated() throws Exception {
        InetSocketAddress other = new InetSocketAddress("::1", 81);
        var input = Wire.input(Wire.bytes(output -> {
            values.put(output, ADDRESS);
            values.put(output, other);
        }));
        assertEquals(List.of(ADDRESS, other), List.of(values.get(input), values.get(input)));
        assertThrows(EOFException.class, () -> values.get(input));
    }

    @Test
    void aTransportOfAThirdPartyCanAddTypes() throws Exception {
        values = with(new PipeAddressType(), new SerialType());
        assertEquals(new PipeAddress("p\u00efpe"), carried(new PipeAddress("p\u00efpe")));
        assertEquals(URI.create("urn:x"), carried(URI.create("urn:x")));
    }

    @Test
    void aSubclassIsEncodedAsItsSuperclass() throws Exception {
        Object carried = carried(new InetSocketAddress("127.0.0.1", 80) {});
        assertSame(InetSocketAddress.class, carried.getClass());
        assertEquals(ADDRESS, carried);
    }

    @Test
    void factsAreTheTypesThatAreNotAddresses() throws Exception {
        PortableType<?> serial = new SerialType();
        assertEquals(List.of(serial), PortableValues.attributeTypes(List.of(new PipeAddressType(), serial)));
    }

    @Test
    void anUnknownTypeIsRejected() throws Exception {
        PortableValues others = with(new SerialType());
        byte[] bytes = Wire.bytes(output -> others.put(output, URI.create("urn:x")));
        assertEquals("no portable type is known by the name 'test.serial'", refused(bytes));
        assertEquals(ADDRESS, carried(ADDRESS));
    }

    @Test
    void typesAreLoadedFromTheClassPath() throws Exception {
        assertEquals(ADDRESS, PortableValues.read(Wire.input(Wire.bytes(out -> PortableValues.write(out, ADDRESS)))));
        assertEquals(List.of(), PortableValues.attributeTypes());
        assertSame(PortableValues.attributeTypes(), PortableValues.attributeTypes(), "loaded once");
    }

    @Test
    void aValueWithoutATypeIsRejectedWithAdvice() {
        assertEquals(
                "a java.lang.StringBuilder can't be carried to another process: provide a"
                        + " org.socketserver.api.spi.PortableType for it",
                assertThrows(IllegalArgumentException.class, () -> values.put(null, new StringBuilder()))
                        .getMessage());
    }

    @Test
    void aValueThatCannotBeEncodedWritesNothing() throws Exception {
        values = with(new SerialType());
        assertEquals(
                0,
                Wire.bytes(output -> {
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> values.put(
                                            output, InetSocketAddress.createUnresolved("h".repeat(70_000), 1)));
                            IllegalArgumentException tooLong = assertThrows(
                                    IllegalArgumentException.class,
                                    () -> values.put(output, URI.create("urn:" + "x".repeat(65_532))));
                            assertEquals(
                                    "a value of test.serial has 65536 bytes; it must have at most 65535",
                                    tooLong.getMessage());
                            NullPointerException none = assertThrows(
                                    NullPointerException.class, () -> values.put(output, URI.create("urn:null")));
                            assertEquals(SerialType.class.getName() + " encodes a value as null", none.getMessage());
                        })
                        .length);
    }

    @Test
    void invalidBytesAreRejected() throws Exception {
        assertEquals("no portable type is known by the name 'iNet'", refused(named("iNet", 4)));
        assertEquals("no portable type is known by the name ''", refused(named("", 4)));
        byte[] notUtf = {0, 1, -1, 0, 0};
        assertThrows(UTFDataFormatException.class, () -> values.get(Wire.input(notUtf)));
        assertTrue(refused(named("inet")).startsWith("an internet address has 0 bytes"));
    }

    @Test
    void aTypeThatViolatesItsContractIsAProtocolException() throws Exception {
        values = with(new SerialType());
        assertEquals(
                "a value of test.serial, of 1 bytes, can't be read: java.lang.IllegalStateException: boom",
                refused(named("test.serial", '!')));
        ProtocolException none =
                assertThrows(ProtocolException.class, () -> values.get(Wire.input(named("test.serial", '0'))));
        assertInstanceOf(NullPointerException.class, none.getCause());
    }

    @Test
    void conflictingTypesAreAnError() throws Exception {
        assertEquals(
                SerialType.class.getName() + " and " + SameNameType.class.getName()
                        + " are both for the name test.serial",
                wrong(new SerialType(), new SameNameType()));
        String type = wrong(new SerialType(), new SameClassType());
        assertTrue(type.endsWith(" are both for class java.net.URI"), type);
        String bad = wrong(new BadNameType());
        assertTrue(bad.contains("BadNameType has the name 'Not So'; it must have from 1 to 64"), bad);
    }

    private static String wrong(PortableType<?>... types) {
        return assertThrows(ServiceConfigurationError.class, () -> with(types)).getMessage();
    }

    @Test
    void corruptBytesAreAtMostAnIoException() throws Exception {
        Wire.corrupt(Wire.bytes(output -> values.put(output, ADDRESS)), values::get);
        Wire.corrupt(Wire.bytes(output -> values.put(output, new InetSocketAddress("fe80::1%7", 81))), values::get);
    }

    /** An address of a third party's transport. */
    @SuppressWarnings("serial")
    static final class PipeAddress extends SocketAddress {
        private final String name;

        PipeAddress(String name) {
            this.name = name;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof PipeAddress address && name.equals(address.name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    /** Encodes addresses of a third party's transport. */
    public static final class PipeAddressType extends TextType<PipeAddress> {
        /** For the loader. */
        public PipeAddressType() {
            super(PipeAddress.class, "test.pipe", address -> address.name, PipeAddress::new);
        }
    }

    /** Encodes an attribute, and violates its contract for some values. */
    public static final class SerialType extends TextType<URI> {
        /** For the loader. */
        public SerialType() {
            super(URI.class, "test.serial", URI::toString, URI::create);
        }

        @Override
        public byte[] encode(URI value) {
            return value.equals(URI.create("urn:null")) ? null : super.encode(value);
        }

        @Override
        public URI decode(byte[] bytes) {
            if (bytes[0] == '!') {
                throw new IllegalStateException("boom");
            }
            return bytes[0] == '0' ? null : super.decode(bytes);
        }
    }

    /** A type whose name is in use. */
    public static final class SameNameType extends TextType<Path> {
        /** For the loader. */
        public SameNameType() {
            super(Path.class, "test.serial", Path::toString, Path::of);
        }
    }

    /** A type whose class is in use. */
    public static final class SameClassType extends TextType<URI> {
        /** For the loader. */
        public SameClassType() {
            super(URI.class, "test.uri", URI::toString, URI::create);
        }
    }

    /** A type with an invalid name. */
    public static final class BadNameType extends TextType<Path> {
        /** For the loader. */
        public BadNameType() {
            super(Path.class, "Not So", Path::toString, Path::of);
        }
    }
}
