package org.socketserver.tests;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;

/** Uses a connection as its first line says. */
public final class StreamActs implements RequestHandler<Request> {
    private static final int SLOW_CHUNK = 20_000;
    private static final int SLOW_EVERY = 10;

    private static volatile boolean everTrue = true;

    @Override
    public void handle(Request request) throws Exception {
        StreamRequest connection = (StreamRequest) request;
        String[] words = String.valueOf(Handlers.line(request)).split(" ");
        int size = words.length > 1 ? Integer.parseInt(words[1]) : 0;
        switch (words[0]) {
            case "slowEcho" -> slowEcho(request.input(), request.output());
            case "count" -> Handlers.answer(request, "counted " + count(request.input()));
            case "endFirst" -> {
                connection.shutdownOutput();
                long count = count(request.input());
                if (count != size) {
                    throw new IllegalStateException("read " + count + " bytes, expected " + size);
                }
            }
            case "endless" -> endless(request.output());
            case "small" -> small(request.output(), size);
            case "both" -> both(request, size);
            default -> Handlers.answer(request, "got " + words[0]);
        }
    }

    private static void slowEcho(InputStream input, OutputStream output) throws IOException, InterruptedException {
        byte[] chunk = new byte[SLOW_CHUNK];
        int round = 0;
        for (int count = input.read(chunk); count >= 0; count = input.read(chunk)) {
            output.write(chunk, 0, count);
            if (++round % SLOW_EVERY == 0) {
                // Slow on purpose.
                Thread.sleep(1);
            }
        }
    }

    private static long count(InputStream input) throws IOException {
        byte[] chunk = new byte[SLOW_CHUNK];
        long all = 0;
        for (int count = input.read(chunk); count >= 0; count = input.read(chunk)) {
            all += count;
        }
        return all;
    }

    private static void endless(OutputStream output) throws IOException {
        byte[] chunk = new byte[SLOW_CHUNK];
        while (everTrue) {
            output.write(chunk);
        }
    }

    /** Writes the given number of bytes, one or two at a time. */
    private static void small(OutputStream output, int size) throws IOException {
        for (int i = 0; i < size; ) {
            if (i % 3 == 0 && i + 1 < size) {
                output.write(new byte[] {(byte) i, (byte) (i + 1)});
                i += 2;
            } else {
                output.write((byte) i);
                i++;
            }
        }
    }

    /** Reads everything on one thread while another writes the given number of bytes. */
    private static void both(Request request, int size) throws Exception {
        FutureTask<Void> writing = new FutureTask<>(() -> {
            byte[] chunk = new byte[SLOW_CHUNK];
            for (int left = size; left > 0; left -= Math.min(left, SLOW_CHUNK)) {
                request.output().write(chunk, 0, Math.min(left, SLOW_CHUNK));
            }
            return null;
        });
        new Thread(writing, "writes").start();
        long count = count(request.input());
        try {
            writing.get();
        } catch (ExecutionException failure) {
            throw (Exception) failure.getCause();
        }
        Handlers.answer(request, "read " + count);
    }
}
