package org.socketserver.mixins.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.Deadline;
import org.socketserver.api.Limits;
import org.socketserver.api.ServerOptions;

class OptionsFormatTest {
    private static ServerOptions carried(ServerOptions options) throws Exception {
        return OptionsFormat.read(Wire.input(Wire.bytes(output -> OptionsFormat.write(output, options))));
    }

    /** A way to set an option, and the value that tells whether it was. */
    record Setter(Method method, List<Object> before, Object value) {
        void on(ServerOptions.Builder builder) throws Exception {
            method.invoke(
                    builder, Stream.concat(before.stream(), Stream.of(value)).toArray());
        }

        Object asked(ServerOptions options) throws Exception {
            return OptionsFormatTest.asked(options, method.getName(), before);
        }

        @Override
        public String toString() {
            return method.getName() + before;
        }
    }

    private static Object asked(ServerOptions options, String name, List<Object> before) throws Exception {
        Class<?>[] types = before.stream().map(Object::getClass).toArray(Class<?>[]::new);
        return ServerOptions.class.getMethod(name, types).invoke(options, before.toArray());
    }

    /** All that a builder can set; an option of a kind that this test does not know fails it. */
    static List<Setter> settersOfEveryOption() {
        return Stream.of(ServerOptions.Builder.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && method.getParameterCount() > 0)
                .filter(method -> method.getParameterTypes()[0] != Limits.class)
                .flatMap(method -> method.getParameterTypes()[0] == Deadline.class
                        ? Stream.of(Deadline.values()).map(deadline -> setter(method, List.of(deadline)))
                        : Stream.of(setter(method, List.of())))
                .toList();
    }

    private static Setter setter(Method method, List<Object> before) {
        try {
            Object normal = asked(ServerOptions.DEFAULTS, method.getName(), before);
            Object value;
            if (normal instanceof Boolean flag) {
                value = !flag;
            } else if (normal instanceof Integer number) {
                value = number + 1;
            } else if (normal instanceof Duration time) {
                value = time.plusNanos(7_654_321);
            } else if (normal instanceof String) {
                value = "n\u00e4me=\n1";
            } else if (normal instanceof Set) {
                value = Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OTHERS_EXECUTE);
            } else {
                throw new AssertionError("teach this test another value of " + method);
            }
            return new Setter(method, before, value);
        } catch (Exception noAccessor) {
            throw new AssertionError("no accessor for " + method, noAccessor);
        }
    }

    @ParameterizedTest
    @MethodSource("settersOfEveryOption")
    void aWorkerSeesEachOption(Setter setter) throws Exception {
        ServerOptions.Builder builder = ServerOptions.builder();
        setter.on(builder);
        ServerOptions carried = carried(builder.build());
        assertNotEquals(setter.asked(ServerOptions.DEFAULTS), setter.value(), "the test sets the default");
        for (Setter every : settersOfEveryOption()) {
            assertEquals(every.asked(builder.build()), every.asked(carried), every.toString());
        }
    }

    @Test
    void aWorkerSeesAllOptionsTogether() throws Exception {
        ServerOptions.Builder builder = ServerOptions.builder();
        for (Setter setter : settersOfEveryOption()) {
            setter.on(builder);
        }
        ServerOptions carried = carried(builder.build());
        for (Setter setter : settersOfEveryOption()) {
            assertEquals(setter.value(), setter.asked(carried), setter.toString());
        }
    }

    @Test
    void eachOptionThatCanBeAskedForIsCarriedOrIsTheLimits() {
        Stream<String> accessors = Stream.of(ServerOptions.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> method.getReturnType() != ServerOptions.Builder.class)
                .map(Method::getName)
                .filter(name -> !name.equals("limits"));
        Stream<String> setters =
                settersOfEveryOption().stream().map(setter -> setter.method().getName());
        assertEquals(
                setters.distinct().sorted().toList(),
                accessors.distinct().sorted().toList());
    }

    @Test
    void theRulesOfTheParentStayThere() throws Exception {
        Limits limits = Limits.NONE.perClient(3);
        assertSame(
                Limits.NONE,
                carried(ServerOptions.builder().limits(limits).build()).limits());
    }

    @Test
    void theLongestTimesAreCarried() throws Exception {
        Duration longest = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
        assertEquals(
                longest, carried(ServerOptions.builder().grace(longest).build()).grace());
    }

    @Test
    void aNameThatIsTooLongIsRefusedBeforeItIsWritten() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> carried(ServerOptions.builder()
                                .name("\u20ac".repeat(21_846))
                                .build()))
                .getMessage();
        assertEquals("the option name, of 21846 characters, has more than 65535 bytes in UTF-8", message);
    }

    /** The default options with one value replaced, wherever these bytes stand. */
    private static byte[] replaced(String text, String other) throws Exception {
        String bytes = new String(
                Wire.bytes(output -> OptionsFormat.write(output, ServerOptions.DEFAULTS)), StandardCharsets.ISO_8859_1);
        assertTrue(bytes.contains(text), text);
        return bytes.replace(text, other).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String wrong(byte[] bytes) {
        return assertThrows(ProtocolException.class, () -> OptionsFormat.read(Wire.input(bytes)))
                .getMessage();
    }

    @Test
    void aValueThatAnOptionCannotHaveIsRefusedByNameValueAndBound() throws Exception {
        assertEquals(
                "an option of the server has a wrong value:"
                        + " maxDatagramSize is 0 bytes; it must be from 1 to 16777216 bytes",
                wrong(replaced("\0\0\u00ff\u00ff", "\0\0\0\0")));
        String mode = wrong(replaced("---------", "-r-------"));
        assertEquals("an option of the server has a wrong value: Invalid mode", mode);
    }

    @Test
    void optionsThatEndTooEarlyAreRefused() throws Exception {
        byte[] bytes = Wire.bytes(output -> OptionsFormat.write(output, ServerOptions.DEFAULTS));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(EOFException.class, () -> OptionsFormat.read(Wire.input(cut)));
        }
    }

    @Test
    void spoiltBytesAreAProtocolErrorAndNothingWorse() throws Exception {
        byte[] bytes = Wire.bytes(output -> OptionsFormat.write(output, ServerOptions.DEFAULTS));
        Wire.spoil(bytes, OptionsFormat::read);
        assertArrayEquals(
                bytes, Wire.bytes(output -> OptionsFormat.write(output, OptionsFormat.read(Wire.input(bytes)))));
    }
}
