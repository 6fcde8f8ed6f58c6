package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.ErrorManager;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AsyncOutputTest {
    private static final long PATIENCE = 20_000;

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch reads = new CountDownLatch(1);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final AsyncOutput output = new AsyncOutput(new Pipe(), "test", StandardCharsets.ISO_8859_1);

    /** A pipe that is not read until {@link #reads} is released. */
    private final class Pipe extends Target {
        @Override
        public int write(ByteBuffer bytes) throws IOException {
            reached.countDown();
            awaitReads();
            return take(bytes, bytes.remaining());
        }
    }

    private void awaitReads() throws IOException {
        try {
            reads.await();
        } catch (InterruptedException never) {
            throw new IOException(never);
        }
    }

    /** The target of the output. */
    private abstract class Target implements WritableByteChannel {
        final int take(ByteBuffer bytes, int length) {
            byte[] taken = new byte[length];
            bytes.get(taken);
            written.writeBytes(taken);
            return length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private void write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        output.write(bytes, 0, bytes.length);
    }

    private List<String> lines() {
        reads.countDown();
        assertTrue(output.awaitWritten(PATIENCE) > 0);
        return written.toString(StandardCharsets.ISO_8859_1).lines().toList();
    }

    @AfterEach
    void releaseWriter() {
        reads.countDown();
    }

    @Test
    void linesThatDoNotFitAreDroppedAndCounted() throws Exception {
        write("first\n");
        assertTrue(reached.await(20, TimeUnit.SECONDS));
        String line = "x".repeat(999) + "\n";
        int fit = AsyncOutput.MAX / 1000;
        for (int i = 0; i < fit; i++) {
            write(line);
        }
        write("begin of a line that does not fit" + line);
        write("dropped although it would fit\nand");
        write(" its rest, to its end\n");
        assertEquals(0, output.awaitWritten(0));
        List<String> lines = lines();
        assertEquals(fit + 2, lines.size());
        assertEquals("first", lines.get(0));
        assertEquals("dropped 3 lines: test was not read", lines.get(fit + 1));
        write("after");
        write(" that\n");
        assertEquals("after that", lines().get(fit + 2));
    }

    @Test
    void theRestOfADroppedLineIsDroppedToo() throws Exception {
        write("first\n");
        assertTrue(reached.await(20, TimeUnit.SECONDS));
        write("begun ");
        write("x".repeat(AsyncOutput.MAX));
        assertEquals(List.of("first", "begun ", "dropped 1 line: test was not read"), lines());
        write(" SEVERE forged\nnext\n");
        assertEquals("next", lines().get(3));
    }

    @Test
    void manyThreadsWriteWholeLines() throws Exception {
        PrintStream printer = new PrintStream(output, true, StandardCharsets.UTF_8);
        List<Thread> threads = List.of(new Thread(() -> print(printer, "a")), new Thread(() -> print(printer, "b")));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        List<String> lines = lines();
        assertEquals(2_000, lines.size());
        assertTrue(lines.stream().allMatch(line -> line.matches("a{10}|b{10}")));
    }

    private static void print(PrintStream printer, String text) {
        for (int i = 0; i < 1_000; i++) {
            printer.println(text.repeat(10));
        }
    }

    @Test
    void aClosedPipeBlocksNothing() throws Exception {
        AsyncOutput broken = new AsyncOutput(
                new Target() {
                    @Override
                    public int write(ByteBuffer bytes) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                "broken",
                StandardCharsets.US_ASCII);
        broken.write('x');
        assertTrue(broken.awaitWritten(PATIENCE) > 0);
        broken.write('y');
        assertTrue(broken.awaitWritten(PATIENCE) > 0);
    }

    /** Fails once in each way, then accepts one byte, then everything. */
    private final class Failing extends Target {
        private int calls;

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            switch (calls++) {
                case 0:
                    reached.countDown();
                    awaitReads();
                    throw new IOException("No space left on device");
                case 1:
                    throw new OutOfMemoryError("test");
                case 2:
                    return 0;
                case 3:
                    return take(bytes, 1);
                default:
                    return take(bytes, bytes.remaining());
            }
        }
    }

    private AsyncOutput failing() {
        return new AsyncOutput(new Failing(), "test", StandardCharsets.US_ASCII);
    }

    @Test
    void aFailedWriteLosesNothing() {
        AsyncOutput failing = failing();
        reads.countDown();
        failing.write("first\n".getBytes(StandardCharsets.US_ASCII), 0, 6);
        assertTrue(failing.awaitWritten(PATIENCE) > 0);
        failing.write("second\n".getBytes(StandardCharsets.US_ASCII), 0, 7);
        assertTrue(failing.awaitWritten(PATIENCE) > 0);
        assertEquals("first\nsecond\n", written.toString(StandardCharsets.US_ASCII));
    }

    @Test
    void theCountOfDroppedLinesNamesTheError() throws Exception {
        AsyncOutput failing = failing();
        failing.write("first\n".getBytes(StandardCharsets.US_ASCII), 0, 6);
        assertTrue(reached.await(20, TimeUnit.SECONDS));
        byte[] tooLong = new byte[AsyncOutput.MAX + 1];
        failing.write(tooLong, 0, tooLong.length);
        reads.countDown();
        assertTrue(failing.awaitWritten(PATIENCE) > 0);
        assertEquals(
                "first\ndropped 1 line: test failed: No space left on device\n",
                written.toString(StandardCharsets.US_ASCII));
    }

    @Test
    void aRecordThatCannotBeFormattedIsReportedToTheErrorManager() {
        List<Exception> reported = new ArrayList<>();
        var handler = new AsyncOutput.LogHandler(output);
        handler.setErrorManager(new ErrorManager() {
            @Override
            public synchronized void error(String message, Exception failure, int code) {
                assertEquals(ErrorManager.FORMAT_FAILURE, code);
                reported.add(failure);
            }
        });
        handler.setFormatter(new SimpleFormatter() {
            @Override
            public String format(LogRecord event) {
                throw new StackOverflowError("a\nb");
            }
        });
        handler.publish(new LogRecord(Level.SEVERE, "x"));
        assertEquals("java.lang.StackOverflowError: a\\u000ab", reported.get(0).getMessage());
    }

    @Test
    void aLogRecordHasTheCharsetOfTheOutput() {
        new AsyncOutput.LogHandler(output).publish(new LogRecord(Level.SEVERE, "caf\u00e9"));
        assertTrue(String.join("", lines()).contains("caf\u00e9"));
    }

    @Test
    void controlCharactersInALogRecordAreEscaped() {
        LogRecord event = new LogRecord(Level.SEVERE, "user {0}");
        event.setParameters(new Object[] {"x\nSEVERE forged\u001b[2J"});
        event.setThrown(new IllegalStateException("because\nSEVERE forged"));
        event.setLoggerName("mine");
        new AsyncOutput.LogHandler(output).publish(event);
        String text = String.join("\n", lines());
        assertTrue(text.contains("user x\\u000aSEVERE forged\\u001b[2J"), text);
        assertTrue(text.contains("IllegalStateException: because\\u000aSEVERE forged\n\tat "), text);
        assertFalse(text.lines().anyMatch(line -> line.startsWith("SEVERE forged")), text);
    }
}
