package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutputPumpTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream target = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private OutputPump pumped(InputStream source) throws InterruptedException {
        OutputPump pump = new OutputPump(source, () -> target, 4711, "output");
        pump.show();
        pump.start();
        pump.join();
        return pump;
    }

    private OutputPump pumped(String printed) throws InterruptedException {
        return pumped(new ByteArrayInputStream(printed.getBytes(StandardCharsets.UTF_8)));
    }

    private String output() {
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void eachLineIsPrefixedWithTheProcessId() throws Exception {
        pumped("one\n\r\ntwo\r\n");
        assertEquals("[4711] one\n[4711] \n[4711] two\n", output());
    }

    @Test
    void controlCharactersInTheOutputAreEscaped() throws Exception {
        String tail = pumped("one\rWARNING forged\n\tat Two.three\n\u001b[2J\u2028four\n")
                .tail();
        assertEquals(
                "[4711] one\\u000dWARNING forged\n[4711]         at Two.three\n[4711] \\u001b[2J\\u2028four\n",
                output());
        assertEquals("one\\u000dWARNING forged\n        at Two.three\n\\u001b[2J\\u2028four", tail);
    }

    @Test
    void aLastLineWithoutALineEndIsPrinted() throws Exception {
        assertEquals("one\nhalf", pumped("one\nhalf").tail());
        assertEquals("[4711] one\n[4711] half\n", output());
    }

    @Test
    void outputIsHeldBackUntilItIsShown() throws Exception {
        InputStream source = new ByteArrayInputStream("one\ntwo\n".getBytes(StandardCharsets.UTF_8));
        OutputPump pump = new OutputPump(source, () -> target, 4711, "output");
        pump.start();
        pump.join();
        assertEquals("one\ntwo", pump.tail());
        assertEquals("", output());
    }

    @Test
    void outputThatWasHeldBackIsPrintedInOrder() throws Exception {
        var printed = new LinkedBlockingQueue<String>();
        var lines = new PrintStream(bytes, true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                printed.add(line);
            }
        };
        var source = new PipedInputStream();
        var worker = new PrintStream(new PipedOutputStream(source), true, StandardCharsets.UTF_8);
        OutputPump pump = new OutputPump(source, () -> lines, 4711, "output");
        pump.start();
        worker.print("one\ntwo\n");
        pump.show();
        assertEquals("[4711] one", printed.poll(20, TimeUnit.SECONDS));
        assertEquals("[4711] two", printed.poll(20, TimeUnit.SECONDS));
        worker.print("three\n");
        assertEquals("[4711] three", printed.poll(20, TimeUnit.SECONDS));
        worker.close();
        pump.join();
    }

    @Test
    void showingAgainStartsNoThreadWhileTheTargetBlocks() throws Exception {
        var blocked = new CountDownLatch(1);
        var goesOn = new CountDownLatch(1);
        var lines = new PrintStream(bytes, true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                blocked.countDown();
                try {
                    goesOn.await();
                } catch (InterruptedException never) {
                    throw new AssertionError(never);
                }
            }
        };
        var source = new PipedInputStream();
        var worker = new PrintStream(new PipedOutputStream(source), true, StandardCharsets.UTF_8);
        OutputPump pump = new OutputPump(source, () -> lines, 4712, "output");
        pump.start();
        worker.print("one\n");
        while (pump.tail().isEmpty()) {
            Thread.sleep(1);
        }
        pump.show();
        blocked.await();
        worker.print("two\n");
        while (!pump.tail().contains("two")) {
            Thread.sleep(1);
        }
        for (int i = 0; i < 100; i++) {
            pump.show();
        }
        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(pump.getName()))
                .count();
        goesOn.countDown();
        worker.close();
        pump.join();
        assertEquals(2, threads);
    }

    @Test
    void atMostFortyLinesAreHeldBack() throws Exception {
        InputStream source = new ByteArrayInputStream("line\n".repeat(40).getBytes(StandardCharsets.UTF_8));
        OutputPump pump = new OutputPump(source, () -> target, 4711, "output");
        pump.start();
        pump.join();
        assertEquals("[4711] line\n".repeat(40), output());
    }

    @Test
    void noInputIsNoOutput() throws Exception {
        assertEquals("", pumped("").tail());
        assertEquals("", output());
    }

    @Test
    void aLongLineIsBroken() throws Exception {
        String line = "x".repeat(8 * 1024);
        pumped(line + "\n" + line + line + "yz\n");
        assertEquals("[4711] " + line + "\n[4711] " + line + "\n[4711] " + line + "\n[4711] yz\n", output());
    }

    @Test
    void theTailIsTheLastFortyLines() throws Exception {
        String tail = pumped(IntStream.range(0, 100)
                        .mapToObj(i -> "line " + i + "\n")
                        .collect(Collectors.joining()))
                .tail();
        assertEquals(IntStream.range(60, 100).mapToObj(i -> "line " + i).collect(Collectors.joining("\n")), tail);
    }

    @Test
    void aFailedReadIsTreatedAsTheEnd() throws Exception {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Stream closed");
            }
        };
        pumped(new SequenceInputStream(new ByteArrayInputStream("half".getBytes(StandardCharsets.UTF_8)), broken));
        assertEquals("[4711] half\n", output());
    }

    @Test
    void theThreadIsADaemon() {
        OutputPump pump = new OutputPump(InputStream.nullInputStream(), () -> target, 4711, "errors");
        assertTrue(pump.isDaemon());
        assertEquals("socketserver worker 4711 errors", pump.getName());
    }
}
