package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import jdk.jfr.DataAmount;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerStats;
import org.socketserver.api.server.BaseServer;

/** The tables of docs/events.md match the classes: complete, nothing invented, with the right types and units. */
class EventsPageTest {
    private static final Set<String> OF_THE_JDK = Set.of("startTime", "duration", "eventThread", "stackTrace");

    /** A row of a table. */
    private record Row(String seenBy, String name, String type, String unit, String text) {
        static Row of(String line) {
            List<String> cells = Arrays.stream(line.split("\\|", -1))
                    .map(cell -> cell.strip().replace("`", ""))
                    .toList();
            return new Row(cells.get(1), cells.get(2), cells.get(3), cells.get(4), line);
        }
    }

    private static List<Row> rows() throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        Path page = folder.resolve("docs/events.md");
        while (!Files.exists(page)) {
            folder = folder.getParent();
            page = folder.resolve("docs/events.md");
        }
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("| `"))
                .map(Row::of)
                .toList();
    }

    private static List<Row> rows(String seenBy) throws IOException {
        return rows().stream().filter(row -> row.seenBy().equals(seenBy)).toList();
    }

    private static List<String> names(String seenBy) throws IOException {
        return rows(seenBy).stream().map(Row::name).toList();
    }

    @Test
    void everyEventOfTheListenerIsListedWithItsParameters() throws Exception {
        List<Method> methods = Arrays.stream(RequestListener.class.getDeclaredMethods())
                .filter(Method::isDefault)
                .toList();
        assertEquals(
                new TreeSet<>(methods.stream().map(Method::getName).toList()), new TreeSet<>(names("RequestListener")));
        for (Method method : methods) {
            Row row = rows("RequestListener").stream()
                    .filter(one -> one.name().equals(method.getName()))
                    .findAny()
                    .orElseThrow();
            for (Parameter parameter : method.getParameters()) {
                assertTrue(row.text().contains("`" + parameter.getName() + "`"), parameter + " in " + row.text());
            }
        }
    }

    @Test
    void everyEventOfTheFlightRecorderIsListedWithItsFieldsTypesAndUnits() throws Exception {
        List<EventType> types = eventTypes();
        assertEquals(
                new TreeSet<>(types.stream().map(EventType::getName).toList()),
                new TreeSet<>(rows().stream()
                        .map(Row::seenBy)
                        .filter(name -> name.startsWith("org.socketserver."))
                        .toList()));
        assertEquals(
                new TreeSet<>(Recorder.EVENTS),
                new TreeSet<>(types.stream().map(EventType::getName).toList()));
        for (EventType type : types) {
            List<ValueDescriptor> fields = type.getFields().stream()
                    .filter(field -> !OF_THE_JDK.contains(field.getName()))
                    .toList();
            assertEquals(fields.stream().map(ValueDescriptor::getName).toList(), names(type.getName()));
            for (Row row : rows(type.getName())) {
                ValueDescriptor field = type.getField(row.name());
                assertEquals(field.getTypeName().replace("java.lang.", ""), row.type(), row::text);
                String unit = unit(field);
                assertTrue(unit.equals(row.unit()) || (unit.isEmpty() && !isUnit(row.unit())), row::text);
            }
        }
    }

    /** Returns the unit of a field, or an empty string. */
    private static String unit(ValueDescriptor field) {
        Timespan span = field.getAnnotation(Timespan.class);
        if (span != null) {
            assertEquals(Timespan.MILLISECONDS, span.value());
            return "ms";
        }
        return field.getAnnotation(DataAmount.class) == null ? "" : "bytes";
    }

    private static boolean isUnit(String word) {
        return word.equals("ms") || word.equals("bytes");
    }

    /** Returns the types of all event classes in api. */
    private static List<EventType> eventTypes() throws Exception {
        Path place = Path.of(ChildJvm.locations(ServerStats.class));
        if (Files.isDirectory(place)) {
            load(place);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + place.toUri()), Map.of())) {
                load(jar.getPath("/"));
            }
        }
        return FlightRecorder.getFlightRecorder().getEventTypes().stream()
                .filter(type -> type.getName().startsWith("org.socketserver."))
                .toList();
    }

    private static void load(Path classes) throws Exception {
        String folder = BaseServer.class.getPackageName().replace('.', '/');
        try (Stream<Path> files = Files.list(classes.resolve(folder))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith("Event.class")) {
                    String type = BaseServer.class.getPackageName() + "." + name.replace(".class", "");
                    FlightRecorder.register(Class.forName(type).asSubclass(jdk.jfr.Event.class));
                }
            }
        }
    }

    @Test
    void everyCounterAndGaugeIsListed() throws Exception {
        assertEquals(components(ServerStats.class), names("ServerStats"));
        for (RecordComponent component : ServerStats.class.getRecordComponents()) {
            Row row = rows("ServerStats").stream()
                    .filter(one -> one.name().equals(component.getName()))
                    .findAny()
                    .orElseThrow();
            assertEquals(
                    component.getType() == Map.class,
                    Set.of("counters", "gauges").contains(row.type()),
                    row::text);
            assertEquals(component.getType() == Duration.class, row.unit().equals("ns"), row::text);
            assertEquals(component.getName().startsWith("bytes"), row.unit().equals("bytes"), row::text);
        }
    }

    @Test
    void theComponentsOfEventRecordsAreListedWithTheirTypes() throws Exception {
        for (Class<?> carried : List.of(RequestEnd.class, LiveRequest.class)) {
            assertEquals(components(carried), names(carried.getSimpleName()));
            for (Row row : rows(carried.getSimpleName())) {
                RecordComponent component = Arrays.stream(carried.getRecordComponents())
                        .filter(one -> one.getName().equals(row.name()))
                        .findAny()
                        .orElseThrow();
                assertEquals(component.getType().getSimpleName(), row.type(), row::text);
            }
        }
    }

    private static List<String> components(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
    }

    @Test
    void everyOutcomeRejectionAndDeadlineIsListed() throws Exception {
        List<Row> rows = rows("RequestEnd");
        assertNames(rows.get(1), RequestOutcome.values());
        assertNames(rows.get(2), Rejection.values());
        assertNames(rows.get(6), Deadline.values());
    }

    private static void assertNames(Row row, Enum<?>... values) {
        for (Enum<?> value : values) {
            assertTrue(row.text().contains("`" + value + "`"), value + " in " + row.text());
        }
    }
}
