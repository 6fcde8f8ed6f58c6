package org.socketserver.examples.tour;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.socketserver.examples.clients.Client;
import org.socketserver.examples.clients.Deadline;
import org.socketserver.examples.servers.Transport;

/** Several clients that ask one server the same at the same time, each on a thread and a socket of its own. */
record Crowd(int size, Transport transport, String address, Duration patience) {

    /** Asks, and tells how many ns it took until all had the answer, which is the question. */
    long ask(String line) throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(size);
        try {
            List<Callable<String>> questions = new ArrayList<>();
            for (int index = 0; index < size; index++) {
                questions.add(() -> askOnce(line));
            }
            long began = System.nanoTime();
            List<Future<String>> answers = threads.invokeAll(questions);
            long nanos = System.nanoTime() - began;
            for (Future<String> answer : answers) {
                if (!answer.get().equals(line)) {
                    throw new IOException("the answer to " + line + " was " + answer.get());
                }
            }
            return nanos;
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private String askOnce(String line) throws IOException {
        try (Client client = Client.connect(transport, address);
                var deadline = new Deadline(client, patience)) {
            String answer = client.ask(line);
            if (deadline.isExpired()) {
                throw new IOException("no answer in " + patience.toMillis() + " ms");
            }
            return answer;
        }
    }
}
