package org.socketserver.tests;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.Request;
import org.socketserver.api.StreamRequest;

/** Commands that wait for a {@link Gate}, a deadline or a time. */
final class ObedientWaits {
    static final Map<String, ObedientHandler.Command> COMMANDS = Map.ofEntries(
            Map.entry("wait", ObedientWaits::waitFor),
            Map.entry("before", (request, gate) -> Gate.await(gate)),
            Map.entry("crowd", (request, gate) -> Handlers.answer(request, String.valueOf(Gate.visit(gate)))),
            Map.entry("ignore", ObedientWaits::ignoreInterrupts),
            Map.entry("busy", ObedientWaits::compute),
            Map.entry("stopping", (request, nothing) -> awaitStopping(request)),
            Map.entry("middle", ObedientWaits::inTheMiddle),
            Map.entry("sleep", (request, millis) -> Thread.sleep(Long.parseLong(millis))),
            Map.entry("deadline", ObedientWaits::deadline),
            Map.entry("polite", (request, line) -> polite(request)),
            Map.entry("flood", (request, nothing) -> flood(request)));

    private ObedientWaits() {}

    private static void waitFor(Request request, String gate) throws Exception {
        Gate.await(gate);
        Handlers.answer(request, "went on");
    }

    private static void ignoreInterrupts(Request request, String gate) throws IOException {
        Gate.arrive(gate);
        while (!Gate.isOpen(gate)) {
            try {
                Thread.sleep(2);
            } catch (InterruptedException ignored) {
                // This command ignores interrupts.
            }
        }
        Handlers.answer(request, "went on");
    }

    /** Waits until the server stops. A worker process notices within a fraction of a second. */
    private static void awaitStopping(Request request) throws Exception {
        while (!request.server().isStopping()) {
            Thread.sleep(2);
        }
        Handlers.answer(request, "goodbye");
    }

    /** Arrives at the gate in the middle of a line, then reads the rest. */
    private static void inTheMiddle(Request request, String gate) throws IOException {
        int first = request.input().read();
        Gate.arrive(gate);
        Handlers.answer(request, "rest " + Handlers.line(request) + " after " + (char) first);
    }

    private static void compute(Request request, String gate) throws IOException {
        Gate.arrive(gate);
        long sum = 0;
        for (long i = 0; !Thread.currentThread().isInterrupted(); i++) {
            sum += i * i;
            if (i % 100_000 == 0 && Gate.isOpen(gate)) {
                break;
            }
        }
        Handlers.answer(request, "computed " + (sum > 0));
    }

    /** {@code deadline READ 200} */
    private static void deadline(Request request, String whichAndMillis) {
        String[] words = whichAndMillis.split(" ");
        ((StreamRequest) request).deadline(Deadline.valueOf(words[0]), Duration.ofMillis(Long.parseLong(words[1])));
    }

    /** Waits for a line until the deadline expires, twice, and sends the deadline's name each time. */
    private static void polite(Request request) throws IOException {
        for (String word : new String[] {"", "goodbye: "}) {
            try {
                throw new IOException("a line came: " + Handlers.line(request));
            } catch (DeadlineException late) {
                Handlers.answer(request, word + late.deadline());
            }
        }
    }

    /** Writes until a write fails. */
    private static void flood(Request request) throws IOException {
        byte[] chunk = new byte[request instanceof StreamRequest ? 256 * 1024 : 100];
        while (true) {
            if (request instanceof DatagramRequest packet) {
                packet.reply(chunk);
            } else {
                request.output().write(chunk);
            }
        }
    }
}
