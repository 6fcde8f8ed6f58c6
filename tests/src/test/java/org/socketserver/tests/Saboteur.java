package org.socketserver.tests;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;

/** Executes commands that damage its process, and answers if it can. */
public final class Saboteur implements RequestHandler<Request> {
    private static final int MEGABYTE = 1024 * 1024;
    private static final List<byte[]> HELD = new ArrayList<>();

    private static volatile boolean everTrue = true;

    @Override
    public void handle(Request request) throws IOException, InterruptedException {
        for (String line = Handlers.line(request); line != null; line = Handlers.line(request)) {
            Handlers.answer(request, run(line.split(" ")));
        }
    }

    private static String run(String... words) throws IOException, InterruptedException {
        switch (words[0]) {
            case "exit" -> System.exit(Integer.parseInt(words[1]));
            case "halt" -> Runtime.getRuntime().halt(Integer.parseInt(words[1]));
            case "fill" -> fill();
            case "throw" -> throw new OutOfMemoryError("so it says");
            case "spin" -> spin();
            case "deadlock" -> deadlock();
            case "flood" -> flood(Integer.parseInt(words[1]));
            case "shut" -> shut(words[1]);
            case "read" -> {
                return "read " + System.in.read();
            }
            case "interrupt" -> Thread.currentThread().interrupt();
            case "linger" -> linger();
            case "child" -> {
                return Long.toString(child(Arrays.copyOfRange(words, 1, words.length)));
            }
            case "pid" -> {
                return Long.toString(ProcessHandle.current().pid());
            }
            default -> {
                return String.join(" ", words);
            }
        }
        return "did " + words[0];
    }

    private static void fill() {
        while (everTrue) {
            HELD.add(new byte[MEGABYTE]);
        }
    }

    private static void spin() {
        while (everTrue) {
            Thread.onSpinWait();
        }
    }

    /** Deadlocks two threads. */
    private static void deadlock() throws InterruptedException {
        Object first = new Object();
        Object second = new Object();
        CountDownLatch both = new CountDownLatch(2);
        Thread other = new Thread(() -> takeBoth(second, first, both), "the other half");
        other.start();
        takeBoth(first, second, both);
        other.join();
    }

    private static void takeBoth(Object mine, Object yours, CountDownLatch both) {
        synchronized (mine) {
            both.countDown();
            try {
                both.await();
            } catch (InterruptedException asWell) {
                Thread.currentThread().interrupt();
            }
            synchronized (yours) {
                mine.notifyAll();
            }
        }
    }

    /** Prints the given number of megabytes without a line end. */
    private static void flood(int megabytes) {
        byte[] much = new byte[MEGABYTE];
        Arrays.fill(much, (byte) 'x');
        for (int i = 0; i < megabytes; i++) {
            System.out.write(much, 0, much.length);
        }
        System.out.flush();
    }

    private static void shut(String what) throws IOException {
        if (what.equals("in")) {
            new FileInputStream(FileDescriptor.in).close();
        } else {
            PrintStream stream = what.equals("err") ? System.err : System.out;
            stream.close();
            new FileOutputStream(what.equals("err") ? FileDescriptor.err : FileDescriptor.out).close();
        }
    }

    /** Leaves a non-daemon thread behind. */
    private static void linger() {
        Thread thread = new Thread(Saboteur::spinSlowly, "lingers");
        thread.setDaemon(false);
        thread.start();
    }

    private static void spinSlowly() {
        while (everTrue) {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException never) {
                // Continues.
            }
        }
    }

    private static long child(String... command) throws IOException {
        return new ProcessBuilder(command).inheritIO().start().pid();
    }
}
