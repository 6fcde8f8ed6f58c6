package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AsyncOutputTest {
    private static final long PATIENCE = 20_000;

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch reads = new CountDownLatch(1);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final AsyncOutput output = new AsyncOutput(new Pipe(), "test");

    /** A pipe that nobody reads for now. */
    private final class Pipe extends OutputStream {
        @Override
        public void write(int b) {
            throw new AssertionError();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            reached.countDown();
            try {
                reads.await();
            } catch (InterruptedException never) {
                throw new IOException(never);
            }
            written.write(bytes, offset, length);
        }
    }

    private void write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        output.write(bytes, 0, bytes.length);
    }

    private List<String> lines() {
        reads.countDown();
        assertTrue(output.awaitWritten(PATIENCE) > 0);
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @AfterEach
    void letItEnd() {
        reads.countDown();
    }

    @Test
    void whatFindsNoRoomIsDroppedWholeLinesAndCountedOnceSomebodyReads() throws Exception {
        write("first\n");
        assertTrue(reached.await(20, TimeUnit.SECONDS));
        String line = "x".repeat(999) + "\n";
        int fit = AsyncOutput.MOST / 1000;
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
        assertEquals("3 lines dropped: nobody read the test", lines.get(fit + 1));
        write("after");
        write(" that\n");
        assertEquals("after that", lines().get(fit + 2));
    }

    @Test
    void theRestOfALineThatWasDroppedDoesNotBeginALine() throws Exception {
        write("first\n");
        assertTrue(reached.await(20, TimeUnit.SECONDS));
        write("begun ");
        write("x".repeat(AsyncOutput.MOST));
        assertEquals(List.of("first", "begun ", "1 lines dropped: nobody read the test"), lines());
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
    void aReaderThatHasGoneHoldsNobodyUp() throws Exception {
        AsyncOutput broken = new AsyncOutput(
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                },
                "broken");
        broken.write('x');
        assertTrue(broken.awaitWritten(PATIENCE) > 0);
        broken.write('y');
        assertTrue(broken.awaitWritten(PATIENCE) > 0);
    }

    @Test
    void aLogRecordIsWrittenWithoutControlCharactersOfMessageAndFailure() {
        LogRecord event = new LogRecord(Level.SEVERE, "user {0}");
        event.setParameters(new Object[] {"x\nSEVERE forged\u001b[2J"});
        event.setThrown(new IllegalStateException("because\nSEVERE forged"));
        event.setLoggerName("mine");
        new AsyncLogHandler(output).publish(event);
        String text = String.join("\n", lines());
        assertTrue(text.contains("user x\\u000aSEVERE forged\\u001b[2J"), text);
        assertTrue(text.contains("IllegalStateException: because\\u000aSEVERE forged\n\tat "), text);
        assertFalse(text.lines().anyMatch(line -> line.startsWith("SEVERE forged")), text);
    }
}
