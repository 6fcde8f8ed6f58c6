package org.socketserver.mixins.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.spi.PortableType;

class PortableValuesTest {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.1", 80);

    private final Thread thread = Thread.currentThread();
    private final ClassLoader context = thread.getContextClassLoader();

    @TempDir
    private Path folder;

    @AfterEach
    void giveTheThreadItsLoaderBack() {
        thread.setContextClassLoader(context);
    }

    /** Makes a type known to this thread alone. */
    private void bring(Class<?>... types) throws Exception {
        Path services = folder.resolve("META-INF/services/" + PortableType.class.getName());
        Files.createDirectories(services.getParent());
        Files.write(services, Arrays.stream(types).map(Class::getName).toList());
        thread.setContextClassLoader(
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, context));
    }

    private static Object carried(Object value) throws Exception {
        return PortableValues.read(Wire.input(Wire.bytes(output -> PortableValues.write(output, value))));
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

    private static String refused(byte[] bytes) {
        return assertThrows(ProtocolException.class, () -> PortableValues.read(Wire.input(bytes)))
                .getMessage();
    }

    @Test
    void anAddressIsCarriedByTheNameOfItsKind() throws Exception {
        assertEquals(ADDRESS, carried(ADDRESS));
        assertArrayEquals(
                named("inet", 4, 0, 80, 127, 0, 0, 1), Wire.bytes(output -> PortableValues.write(output, ADDRESS)));
    }

    @Test
    void severalValuesFollowEachOther() throws Exception {
        InetSocketAddress other = new InetSocketAddress("::1", 81);
        var input = Wire.input(Wire.bytes(output -> {
            PortableValues.write(output, ADDRESS);
            PortableValues.write(output, other);
        }));
        assertEquals(List.of(ADDRESS, other), List.of(PortableValues.read(input), PortableValues.read(input)));
        assertThrows(EOFException.class, () -> PortableValues.read(input));
    }

    @Test
    void aTransportOfAUserBringsItsAddressesAndFacts() throws Exception {
        bring(PipeAddressType.class, SerialType.class);
        assertEquals(new PipeAddress("p\u00efpe"), carried(new PipeAddress("p\u00efpe")));
        assertEquals(URI.create("urn:x"), carried(URI.create("urn:x")));
    }

    @Test
    void aSubclassIsCarriedAsWhatItExtends() throws Exception {
        Object carried = carried(new InetSocketAddress("127.0.0.1", 80) {});
        assertSame(InetSocketAddress.class, carried.getClass());
        assertEquals(ADDRESS, carried);
    }

    @Test
    void factsAreAllThatIsNoAddress() throws Exception {
        assertEquals(List.of(), PortableValues.facts());
        bring(PipeAddressType.class, SerialType.class);
        assertEquals(
                List.of(URI.class),
                PortableValues.facts().stream().map(PortableType::type).toList());
        assertSame(PortableValues.facts(), PortableValues.facts(), "looked for once");
    }

    @Test
    void whatOneLoaderBringsIsUnknownWithoutIt() throws Exception {
        bring(SerialType.class);
        byte[] bytes = Wire.bytes(output -> PortableValues.write(output, URI.create("urn:x")));
        thread.setContextClassLoader(null);
        assertEquals("no portable type is known by the name 'test.serial'", refused(bytes));
        assertEquals(ADDRESS, carried(ADDRESS));
    }

    @Test
    void aValueOfNoKnownKindIsRefusedWithWhatToDo() {
        assertEquals(
                "a java.lang.StringBuilder can't be carried to another process: provide a"
                        + " org.socketserver.api.spi.PortableType for it",
                assertThrows(IllegalArgumentException.class, () -> PortableValues.write(null, new StringBuilder()))
                        .getMessage());
    }

    @Test
    void aValueThatCannotBeCarriedLeavesTheOutputAlone() throws Exception {
        bring(SerialType.class);
        assertEquals(
                0,
                Wire.bytes(output -> {
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> PortableValues.write(
                                            output, InetSocketAddress.createUnresolved("h".repeat(70_000), 1)));
                            IllegalArgumentException tooLong = assertThrows(
                                    IllegalArgumentException.class,
                                    () -> PortableValues.write(output, URI.create("urn:" + "x".repeat(65_532))));
                            assertEquals(
                                    "a value of test.serial has 65536 bytes; it must have at most 65535",
                                    tooLong.getMessage());
                            NullPointerException none = assertThrows(
                                    NullPointerException.class,
                                    () -> PortableValues.write(output, URI.create("urn:null")));
                            assertEquals(SerialType.class.getName() + " encodes a value as null", none.getMessage());
                        })
                        .length);
    }

    @Test
    void whatIsNoValueIsRefused() throws Exception {
        assertEquals("no portable type is known by the name 'iNet'", refused(named("iNet", 4)));
        assertEquals("no portable type is known by the name ''", refused(named("", 4)));
        assertEquals(
                "the name of a portable type has 65 bytes; it must have at most 64", refused(named("x".repeat(65))));
        assertEquals("the name of a portable type, of 1 bytes, is not UTF-8", refused(new byte[] {0, 1, -1, 0, 0}));
        assertTrue(refused(named("inet")).startsWith("an internet address has 0 bytes"));
    }

    @Test
    void aTypeThatBreaksItsContractIsAProtocolError() throws Exception {
        bring(SerialType.class);
        assertEquals(
                "a value of test.serial, of 1 bytes, can't be read: java.lang.IllegalStateException: boom",
                refused(named("test.serial", '!')));
        ProtocolException none =
                assertThrows(ProtocolException.class, () -> PortableValues.read(Wire.input(named("test.serial", '0'))));
        assertInstanceOf(NullPointerException.class, none.getCause());
    }

    @Test
    void twoTypesForTheSameAreAnError() throws Exception {
        bring(SerialType.class, SameNameType.class);
        String name = assertThrows(ServiceConfigurationError.class, PortableValues::facts)
                .getMessage();
        assertEquals(
                SerialType.class.getName() + " and " + SameNameType.class.getName()
                        + " are both for the name test.serial",
                name);
        bring(SerialType.class, SameClassType.class);
        String type = assertThrows(ServiceConfigurationError.class, PortableValues::facts)
                .getMessage();
        assertTrue(type.endsWith(" are both for class java.net.URI"), type);
        bring(BadNameType.class);
        String bad = assertThrows(ServiceConfigurationError.class, PortableValues::facts)
                .getMessage();
        assertTrue(bad.contains("BadNameType has the name 'Not So'; it must have from 1 to 64"), bad);
    }

    @Test
    void spoiltBytesAreAnIoErrorAndNothingWorse() throws Exception {
        Wire.spoil(Wire.bytes(output -> PortableValues.write(output, ADDRESS)), PortableValues::read);
        Wire.spoil(
                Wire.bytes(output -> PortableValues.write(output, new InetSocketAddress("fe80::1%7", 81))),
                PortableValues::read);
    }

    /** An address of a transport of somebody else. */
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

    /** Carries it. */
    public static final class PipeAddressType extends TextType<PipeAddress> {
        /** For the loader. */
        public PipeAddressType() {
            super(PipeAddress.class, "test.pipe", address -> address.name, PipeAddress::new);
        }
    }

    /** Carries a fact, badly for some values. */
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

    /** Has a name that is taken. */
    public static final class SameNameType extends TextType<Path> {
        /** For the loader. */
        public SameNameType() {
            super(Path.class, "test.serial", Path::toString, Path::of);
        }
    }

    /** Has a class that is taken. */
    public static final class SameClassType extends TextType<URI> {
        /** For the loader. */
        public SameClassType() {
            super(URI.class, "test.uri", URI::toString, URI::create);
        }
    }

    /** Has a name that is none. */
    public static final class BadNameType extends TextType<Path> {
        /** For the loader. */
        public BadNameType() {
            super(Path.class, "Not So", Path::toString, Path::of);
        }
    }
}
