package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.Deadline;
import org.socketserver.api.Limits;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** docs/options.md has all options of the code and the command line, with the correct defaults and bounds. */
class OptionsPageTest {
    private static final OptionsPage PAGE = OptionsPage.read();
    private static final Pattern RANGE = Pattern.compile("([0-9,]+) to ([0-9,]+)");
    private static final Pattern LEAST = Pattern.compile("([0-9]+)( ms)? or more.*");

    static Stream<OptionsPage.Row> rows() {
        return PAGE.rows().stream();
    }

    /** Returns all options in code with their defaults, as written on the page. */
    private static Map<String, String> inCode() {
        Map<String, String> all = new TreeMap<>();
        OptionValues.of(ServerOptions.DEFAULTS).forEach((name, value) -> all.put(name, written(value)));
        for (Method method : ThreadingMixIn.class.getMethods()) {
            if (method.getReturnType() == ThreadingMixIn.class) {
                all.put("ThreadingMixIn." + method.getName(), written(ThreadKind.VIRTUAL.defaultLimit()));
            }
        }
        Map<String, Object> forking = ForkingSettings.values(new ForkingMixIn());
        for (Method method : ForkingMixIn.class.getMethods()) {
            if (method.getReturnType() == ForkingMixIn.class) {
                Object value = forking.getOrDefault(method.getName(), "");
                all.put("ForkingMixIn." + method.getName(), written(value));
            }
        }
        addOverridables(
                StreamRequestHandler.class,
                new StreamRequestHandler() {
                    @Override
                    public void handle() {}
                },
                all);
        addOverridables(
                DatagramRequestHandler.class,
                new DatagramRequestHandler() {
                    @Override
                    public void handle() {}
                },
                all);
        return all;
    }

    /** Adds the options of a handler class, which are set by overriding a method. */
    private static void addOverridables(Class<?> type, BaseRequestHandler<?> handler, Map<String, String> all) {
        for (Method method : type.getDeclaredMethods()) {
            int modifiers = method.getModifiers();
            if (Modifier.isProtected(modifiers)
                    && !Modifier.isFinal(modifiers)
                    && method.getParameterCount() == 0
                    && method.getReturnType() != void.class) {
                method.setAccessible(true);
                String value;
                try {
                    value = written(method.invoke(handler));
                } catch (InvocationTargetException asksTheServer) {
                    value = "the server's";
                } catch (IllegalAccessException failure) {
                    throw new AssertionError(failure);
                }
                all.put(type.getSimpleName() + "." + method.getName(), value);
            }
        }
    }

    private static String written(Object value) {
        if (value instanceof Duration time) {
            return time.isZero()
                    ? "0"
                    : time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
        }
        if (value instanceof Integer number) {
            return String.format(Locale.ROOT, "%,d", number);
        }
        boolean empty = value.equals("") || value instanceof Collection<?> some && some.isEmpty();
        return empty ? "empty" : value.toString();
    }

    @Test
    void theTableHasEveryOptionExactlyOnce() {
        List<String> listed = rows().map(OptionsPage.Row::name).sorted().toList();
        assertEquals(List.copyOf(inCode().keySet()), listed);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theDefaultIsCorrect(OptionsPage.Row row) {
        String expected = inCode().get(row.name());
        if ("the server's".equals(expected)) {
            assertTrue(row.defaultValue().startsWith(expected), row.defaultValue());
        } else {
            assertEquals(expected, row.defaultCode());
        }
    }

    @Test
    void theDefaultsOfBothKindsOfThreadsAreListed() {
        OptionsPage.Row row = rows().filter(one -> one.option().equals("maxConcurrent"))
                .findFirst()
                .orElseThrow();
        for (ThreadKind kind : ThreadKind.values()) {
            String listed =
                    "`" + written(kind.defaultLimit()) + "` on " + kind.name().toLowerCase(Locale.ROOT);
            assertTrue(row.defaultValue().contains(listed), row.defaultValue());
        }
    }

    /** Sets an option to a number, or a time in ms. */
    private static void set(String name, int value) {
        String option = name.substring(name.indexOf('.') + 1);
        switch (name.substring(0, name.indexOf('.'))) {
            case "ServerOptions" -> setByName(option, value);
            case "Deadline" -> ServerOptions.DEFAULTS.deadline(Deadline.valueOf(option), Duration.ofMillis(value));
            case "Limits" -> {
                switch (option) {
                    case "perClient" -> Limits.NONE.perClient(value);
                    case "perClientPrefix" -> Limits.NONE.perClientPrefix(value);
                    case "acceptRate" -> Limits.NONE.acceptRate(value, 1);
                    case "handshakes" -> Limits.NONE.handshakes(value);
                    case "acceptBurst" -> Limits.NONE.acceptRate(1, value);
                    default -> throw new AssertionError("how is " + name + " set?");
                }
            }
            case "ForkingMixIn" -> setForking(option, value);
            case "ThreadingMixIn" -> new ThreadingMixIn(ThreadKind.PLATFORM).maxConcurrent(value);
            default -> throw new AssertionError("how is " + name + " set?");
        }
    }

    private static void setForking(String option, int value) {
        for (Method setter : ForkingMixIn.class.getMethods()) {
            if (setter.getName().equals(option) && setter.getReturnType() == ForkingMixIn.class) {
                Object given = setter.getParameterTypes()[0] == Duration.class ? Duration.ofMillis(value) : value;
                try {
                    setter.invoke(new ForkingMixIn(), given);
                } catch (InvocationTargetException refused) {
                    throw (RuntimeException) refused.getCause();
                } catch (IllegalAccessException failure) {
                    throw new AssertionError(failure);
                }
            }
        }
    }

    private static void setByName(String option, int value) {
        ServerOptions options = ServerOptions.DEFAULTS;
        try {
            Class<?> type = ServerOptions.class.getMethod(option).getReturnType();
            Object given = type == Duration.class ? Duration.ofMillis(value) : value;
            ServerOptions.class.getMethod(option, type).invoke(options, given);
        } catch (InvocationTargetException refused) {
            throw (RuntimeException) refused.getCause();
        } catch (ReflectiveOperationException failure) {
            throw new AssertionError(failure);
        }
    }

    private static void assertTaken(String name, int value) {
        assertDoesNotThrow(() -> set(name, value), name + " " + value);
    }

    private static void assertRefused(String name, int value) {
        assertThrows(IllegalArgumentException.class, () -> set(name, value), name + " " + value);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theBoundsAreCorrect(OptionsPage.Row row) {
        boolean number = Set.of("time", "bytes", "percent", "workers").contains(row.unit())
                || row.unit().startsWith("requests")
                || row.unit().equals("connections");
        if (!number || row.owner().endsWith("Handler")) {
            return;
        }
        Matcher range = RANGE.matcher(row.bounds());
        Matcher least = LEAST.matcher(row.bounds());
        if (range.matches()) {
            int from = Integer.parseInt(range.group(1).replace(",", ""));
            int to = Integer.parseInt(range.group(2).replace(",", ""));
            assertTaken(row.name(), from);
            assertTaken(row.name(), to);
            assertRefused(row.name(), from - 1);
            assertRefused(row.name(), to + 1);
        } else {
            assertTrue(least.matches(), row.bounds());
            int from = Integer.parseInt(least.group(1));
            assertTaken(row.name(), from);
            assertTaken(row.name(), Integer.MAX_VALUE);
            assertRefused(row.name(), from - 1);
        }
    }

    @Test
    void thePageHasExactlyTheOptionsOfTheCommandLine() {
        Set<String> known = new TreeSet<>();
        for (OptionSpec option : Main.commandLine()
                .getSubcommands()
                .get("serve")
                .getCommandSpec()
                .options()) {
            if (!option.usageHelp() && !option.versionHelp()) {
                known.add(option.longestName());
            }
        }
        assertEquals(known, PAGE.commandLineOptions());
    }

    @Test
    void eachRowHasTheCorrectOptionOfTheCommandLine() {
        Map<String, String> listed = new TreeMap<>();
        rows().filter(row -> row.commandLine().startsWith("`--"))
                .forEach(row -> listed.put(row.name(), row.commandLine().replace("`", "")));
        Map<String, String> tried = new TreeMap<>(Map.of(
                "Limits.acceptBurst", "--accept-burst",
                "Limits.perClientPrefix", "--per-client-prefix",
                "ThreadingMixIn.maxConcurrent", "--max-concurrent"));
        ForkingOptionsTest.SETTERS.forEach((name, option) -> tried.put("ForkingMixIn." + name, option));
        OptionsReachTest.ALL.forEach(typed -> tried.put(typed.name(), typed.option()));
        assertEquals(tried, listed);
    }

    /** Parses a default in the help. */
    private static Object inHelp(Object value, String text) {
        if (value instanceof Duration) {
            return TextValues.duration(text);
        }
        if (value instanceof Boolean) {
            return text.equals("true");
        }
        return value instanceof Integer ? (Object) Integer.valueOf(text) : text.toUpperCase(Locale.ROOT);
    }

    @Test
    void theDefaultsInTheHelpAreCorrect() {
        Map<String, Object> inCode = new TreeMap<>(OptionValues.of(ServerOptions.DEFAULTS));
        ForkingSettings.values(new ForkingMixIn()).forEach((name, value) -> inCode.put("ForkingMixIn." + name, value));
        Map<String, String> optionOf = new TreeMap<>();
        rows().filter(row -> row.commandLine().startsWith("`--"))
                .forEach(row -> optionOf.put(row.name(), row.commandLine().replace("`", "")));
        CommandSpec serve = Main.commandLine().getSubcommands().get("serve").getCommandSpec();
        int compared = 0;
        for (Map.Entry<String, String> option : optionOf.entrySet()) {
            Object value = inCode.get(option.getKey());
            if (value instanceof Duration || value instanceof Integer || value instanceof Boolean) {
                String help =
                        String.join(" ", serve.findOption(option.getValue()).description());
                Matcher written = Pattern.compile("Default: ([^ ,]+)").matcher(help);
                assertTrue(written.find(), help);
                // On the command line, the default of the burst is the rate.
                if (!option.getKey().equals("Limits.acceptBurst")) {
                    assertEquals(value, inHelp(value, written.group(1)), option.getValue());
                    compared++;
                }
            }
        }
        assertTrue(compared >= 25, "compared only " + compared);
    }
}
