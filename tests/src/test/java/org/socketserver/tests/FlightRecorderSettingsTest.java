package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;
import org.socketserver.tcp.TcpServer;

/** Events are configured like the JDK's own: by name, by threshold, and in a .jfc file. */
class FlightRecorderSettingsTest {
    private static final String REQUEST = "org.socketserver.Request";

    private static final String ACCEPT_FAILURE = "org.socketserver.AcceptFailure";

    /** A .jfc file for these events. */
    private static final String CONFIGURATION = """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration version="2.0">
              <event name="org.socketserver.Request">
                <setting name="enabled">true</setting>
                <setting name="threshold">%s</setting>
              </event>
              <event name="org.socketserver.AcceptFailure">
                <setting name="enabled">%s</setting>
              </event>
            </configuration>
            """;

    /** Fails to accept once, serves two requests, and returns how often each event was recorded. */
    private static Map<String, Integer> recorded(Map<String, String> settings) throws IOException {
        Recording recording = new Recording();
        recording.setSettings(settings);
        Map<String, Integer> times = new HashMap<>();
        try (Recorder recorder = Recorder.with(recording)) {
            serve();
            for (String name : Recorder.EVENTS) {
                int count = recorder.events(name).size();
                if (count > 0) {
                    times.put(name, count);
                }
            }
        }
        return times;
    }

    private static void serve() throws IOException {
        try (BaseServer<?> server = new FailsOnce()) {
            server.start();
            for (int i = 0; i < 2; i++) {
                try (Client client = Transport.TCP.client(server.address())) {
                    assertEquals("got it", client.ask("it"));
                }
            }
        }
    }

    private static Map<String, String> jfc(String threshold, boolean acceptFailure) throws Exception {
        return Configuration.create(new StringReader(CONFIGURATION.formatted(threshold, acceptFailure)))
                .getSettings();
    }

    @Test
    void settingsByNameChooseTheEvents() throws Exception {
        assertEquals(
                Map.of(REQUEST, 2, ACCEPT_FAILURE, 1), recorded(Map.of()), "enabled by default, like the JDK's events");
        Map<String, String> requestsOnly = Map.of(
                REQUEST + "#enabled", "true", REQUEST + "#threshold", "0 ms", ACCEPT_FAILURE + "#enabled", "false");
        assertEquals(Map.of(REQUEST, 2), recorded(requestsOnly));
        assertEquals(Map.of(ACCEPT_FAILURE, 1), recorded(Map.of(REQUEST + "#enabled", "false")));
    }

    @Test
    void aConfigurationFileChoosesTheEvents() throws Exception {
        assertEquals(Map.of(REQUEST, 2, ACCEPT_FAILURE, 1), recorded(jfc("0 ms", true)));
        assertEquals(Map.of(REQUEST, 2), recorded(jfc("0 ms", false)));
    }

    @Test
    void aThresholdExcludesShortRequests() throws Exception {
        assertEquals(Map.of(), recorded(jfc("1 h", false)));
    }

    @Test
    void aRequestThatBeganBeforeTheRecordingIsNotInIt() throws Exception {
        try (BaseServer<?> server = new TcpServer(Transport.LOOPBACK, request -> Handlers.UPPER.handle(request))) {
            server.start();
            try (Client client = Transport.TCP.client(server.address())) {
                assertEquals("THERE", client.ask("there"));
                try (Recorder recorder = Recorder.begin()) {
                    server.shutdown(Duration.ofSeconds(20));
                    assertEquals(List.of(), recorder.events(REQUEST));
                }
            }
        }
    }

    @Test
    void theCommandLineRecordsAServerOnTheModulePath(@TempDir Path folder) throws Exception {
        Path configuration = Files.writeString(folder.resolve("my.jfc"), CONFIGURATION.formatted("0 ms", true));
        Path file = folder.resolve("server.jfr");
        String path = ChildJvm.locations(TcpServer.class, BaseServer.class);
        ChildJvm.Result result = ChildJvm.run(
                ServeOnce.class,
                List.of(
                        "-XX:StartFlightRecording:filename=" + file + ",settings=" + configuration,
                        "--module-path",
                        path,
                        "--add-modules",
                        "org.socketserver.tcp"));
        assertEquals(0, result.exit(), result.output());
        List<String> recorded = new ArrayList<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            if (event.getEventType().getName().startsWith("org.socketserver.")) {
                recorded.add(event.getEventType().getName());
            }
        }
        assertEquals(
                List.of(ACCEPT_FAILURE, REQUEST, REQUEST),
                recorded.stream().sorted().toList());
        assertTrue(result.output().contains("module org.socketserver.tcp"), result.output());
    }

    /** A server that fails to accept the first time. */
    private static final class FailsOnce extends TcpServer {
        private boolean failed;

        FailsOnce() {
            super(Transport.LOOPBACK, request -> Handlers.ONE_LINE.handle(request));
        }

        @Override
        protected StreamRequest getRequest() throws IOException {
            if (!failed) {
                failed = true;
                throw new IOException("Connection reset by peer");
            }
            return super.getRequest();
        }
    }

    /** Serves requests in a JVM of its own. */
    static final class ServeOnce {
        private ServeOnce() {}

        public static void main(String[] args) throws IOException {
            System.out.println(TcpServer.class.getModule());
            serve();
        }
    }
}
