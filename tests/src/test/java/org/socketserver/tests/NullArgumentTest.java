package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.socketserver.api.Deadline;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Limits;
import org.socketserver.api.Network;
import org.socketserver.api.PeerRule;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.Layer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.UnixAddress;
import org.socketserver.unix.UnixDatagramServer;
import org.socketserver.unix.UnixStreamServer;

/** The exception for a null argument names the argument. */
class NullArgumentTest {
    private static final RequestHandler<Request> FUNCTION = request -> {};

    /** A non-null argument of each type. */
    private static final Map<Class<?>, Object> VALUES = new LinkedHashMap<>();

    /** The names of servers' parameters by type. Durations have their own names. */
    private static final Map<Class<?>, String> NAMES = new LinkedHashMap<>();

    private static final Map<String, String> NAMES_OF_TIMES = Map.of(
            "serveForever", "pollInterval",
            "handleRequest", "timeout",
            "awaitIdle", "timeout",
            "stuckRequests", "age",
            "shutdown", "grace",
            "close", "grace");

    /** Called only by the framework, or inherited from Object. */
    private static final Set<String> NOT_FOR_USERS = Set.of("equals", "wait", "matches", "attach", "processRequest");

    public static final class Nothing implements RequestHandler<Request> {
        @Override
        public void handle(Request request) {}
    }

    static {
        add(InetSocketAddress.class, "address", Transport.LOOPBACK);
        add(String.class, "address", "127.0.0.1:0");
        add(UnixAddress.class, "address", UnixAddress.parse("/nowhere/x.sock"));
        add(Class.class, "handler", Nothing.class);
        add(RequestHandler.Factory.class, "factory", (RequestHandler.Factory<Request>) Nothing::new);
        add(RequestHandler.class, "function", FUNCTION);
        add(HandlerSource.class, "handlers", HandlerSource.ofFunction(FUNCTION));
        add(ServerOptions.class, "options", ServerOptions.DEFAULTS);
        add(MixIn.class, "mixIn", MixIn.SYNCHRONOUS);
        add(RequestListener.class, "listener", new RequestListener() {});
        add(IOException.class, "reason", new IOException());
        add(ByteBuffer.class, "bytes", ByteBuffer.allocate(1));
        add(SocketAddress.class, "target", Transport.LOOPBACK);
        add(SocketOption.class, "option", StandardSocketOptions.SO_RCVBUF);
        add(InetAddress.class, "group", Transport.LOOPBACK.getAddress());
        add(Layer.class, "layer", (Layer) below -> below);
        VALUES.put(Duration.class, Duration.ofSeconds(1));
        VALUES.put(Deadline.class, Deadline.READ);
        VALUES.put(Path.class, Path.of("/nowhere"));
        VALUES.put(Limits.class, Limits.NONE);
        VALUES.put(WhenFull.class, WhenFull.WAIT);
        VALUES.put(PeerRule[].class, new PeerRule[0]);
        VALUES.put(Set.class, Set.of());
        VALUES.put(byte[].class, new byte[1]);
        VALUES.put(HandOver.class, HandOver.AUTO);
        VALUES.put(ThreadKind.class, ThreadKind.PLATFORM);
        try {
            add(
                    NetworkInterface.class,
                    "networkInterface",
                    NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()));
        } catch (IOException unknown) {
            throw new AssertionError(unknown);
        }
    }

    private static void add(Class<?> type, String name, Object value) {
        VALUES.put(type, value);
        NAMES.put(type, name);
    }

    /** Returns a test for each argument that can be null. */
    private static Stream<DynamicTest> calls(Executable call, Caller target) {
        List<DynamicTest> all = new ArrayList<>();
        Class<?>[] types = call.getParameterTypes();
        for (int i = 0; i < types.length; i++) {
            int missing = i;
            if (!types[i].isPrimitive()) {
                all.add(DynamicTest.dynamicTest(call + " without " + types[i].getSimpleName(), () -> {
                    Object[] arguments =
                            Arrays.stream(types).map(NullArgumentTest::value).toArray();
                    arguments[missing] = null;
                    Throwable thrown = assertThrows(InvocationTargetException.class, () -> target.call(call, arguments))
                            .getCause();
                    String name =
                            assertInstanceOf(NullPointerException.class, thrown).getMessage();
                    assertNamed(call, types[missing], String.valueOf(name));
                }));
            }
        }
        return all.stream();
    }

    /** The JVM's own messages are sentences, not names. */
    private static void assertNamed(Executable call, Class<?> type, String name) {
        String expected = type == Duration.class ? NAMES_OF_TIMES.get(call.getName()) : NAMES.get(type);
        if (BaseServer.class.isAssignableFrom(call.getDeclaringClass())) {
            assertEquals(expected, name);
        } else {
            assertTrue(name.matches("(the deadline )?[a-zA-Z]+"), name);
        }
    }

    private static Object value(Class<?> type) {
        Object value = VALUES.get(type);
        if (value == null && !type.isPrimitive()) {
            throw new AssertionError("no value for " + type);
        }
        return type == int.class ? 1 : type == boolean.class ? true : value;
    }

    /** Calls a method or a constructor. */
    private interface Caller {
        void call(Executable call, Object[] arguments) throws Exception;
    }

    private static Stream<DynamicTest> methods(Object target) {
        return Arrays.stream(target.getClass().getMethods())
                .filter(method -> !method.isBridge() && !NOT_FOR_USERS.contains(method.getName()))
                .flatMap(method -> calls(method, (call, arguments) -> ((Method) call).invoke(target, arguments)));
    }

    private static Stream<DynamicTest> constructors(Class<?> type) {
        return Arrays.stream(type.getConstructors())
                .flatMap(constructor ->
                        calls(constructor, (call, arguments) -> ((Constructor<?>) call).newInstance(arguments)));
    }

    @TestFactory
    Stream<DynamicTest> everyConstructorOfAServerNamesTheNullArgument() {
        return Stream.of(TcpServer.class, UdpServer.class, UnixStreamServer.class, UnixDatagramServer.class)
                .flatMap(NullArgumentTest::constructors);
    }

    @TestFactory
    Stream<DynamicTest> everyMethodOfAServerNamesTheNullArgument() {
        return Stream.of(
                        new TcpServer(Transport.LOOPBACK, FUNCTION::handle),
                        new UdpServer(Transport.LOOPBACK, FUNCTION::handle),
                        new UnixStreamServer("x.sock", FUNCTION::handle),
                        new UnixStreamServer(UnixAddress.parse("@x"), FUNCTION::handle),
                        new UnixDatagramServer("x.sock", FUNCTION::handle))
                .flatMap(NullArgumentTest::methods);
    }

    @TestFactory
    Stream<DynamicTest> everyOptionAndValueNamesTheNullArgument() {
        return Stream.concat(
                constructors(ThreadingMixIn.class),
                Stream.of(
                                ServerOptions.DEFAULTS,
                                ServerOptions.DEFAULTS,
                                Limits.NONE,
                                WhenFull.WAIT,
                                Network.parse("10.0.0.0/8"),
                                UnixAddress.unnamed(),
                                HandlerSource.ofFunction(FUNCTION),
                                new ForkingMixIn())
                        .flatMap(NullArgumentTest::methods));
    }
}
