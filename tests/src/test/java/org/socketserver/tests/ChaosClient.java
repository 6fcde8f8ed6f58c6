package org.socketserver.tests;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** A client that misbehaves at random on its own thread until the test is over, and checks every answer. */
final class ChaosClient implements Runnable {
    private static final int REPLY_MILLIS = 200;

    private final Transport transport;
    private final SocketAddress server;
    private final String name;
    private final Random random;
    private final AtomicBoolean over;
    private final ChaosScore score;
    private int number;

    ChaosClient(ChaosServer server, String name, long seed, AtomicBoolean over, ChaosScore score) {
        this.transport = server.transport;
        this.server = server.server.address();
        this.name = name;
        this.random = new Random(seed);
        this.over = over;
        this.score = score;
    }

    @Override
    public void run() {
        try {
            if (transport.isStream()) {
                while (!over.get()) {
                    connection();
                }
            } else {
                packets();
            }
        } catch (Throwable failure) {
            score.fault(name + " on " + transport + ": " + failure);
        }
    }

    private String nextLine() {
        return name + " " + number++ + " " + "x".repeat(random.nextInt(3_000));
    }

    private String harm() {
        ChaosHandler.Harm[] all = ChaosHandler.Harm.values();
        return "!" + all[random.nextInt(all.length)];
    }

    private byte[] garbage() {
        byte[] bytes = new byte[random.nextInt(50_000)];
        random.nextBytes(bytes);
        return bytes;
    }

    private void connection() {
        try (StreamClient client = (StreamClient) transport.client(server)) {
            boolean harmed = false;
            for (int i = random.nextInt(6); i > 0 && !harmed; i--) {
                harmed = random.nextInt(4) == 0;
                if (harmed) {
                    client.send(harm());
                } else {
                    echo(client);
                }
            }
            leave(client);
        } catch (IOException cut) {
            score.cut();
        }
    }

    private void echo(StreamClient client) throws IOException {
        String line = nextLine();
        client.send(line);
        String answer = client.receive();
        if (line.equals(answer)) {
            score.answered();
        } else if (answer == null || line.startsWith(answer)) {
            throw new IOException("cut");
        } else {
            score.fault(name + " sent " + line + " and was answered " + answer);
        }
    }

    private void leave(StreamClient client) throws IOException {
        switch (random.nextInt(5)) {
            case 0 -> client.reset();
            case 1 -> {
                client.write(garbage());
                client.reset();
            }
            case 2 -> {
                client.halfClose();
                client.readAll();
            }
            case 3 -> client.readAll();
            default -> client.close();
        }
    }

    private void packets() throws IOException, InterruptedException {
        try (DatagramClient client = (DatagramClient) transport.client(server)) {
            Set<String> sent = new HashSet<>();
            while (!over.get()) {
                try {
                    packet(client, sent);
                } catch (IOException refused) {
                    notAccepted();
                }
            }
        }
    }

    private void packet(DatagramClient client, Set<String> sent) throws IOException, InterruptedException {
        int dice = random.nextInt(8);
        String line = nextLine();
        byte[] packet = dice == 0 ? garbage() : bytes(dice == 1 ? harm() : line);
        sent.add(line);
        if (!client.offer(packet)) {
            notAccepted();
        } else if (dice > 1) {
            reply(client, line, sent);
        }
    }

    /** The server's queue is full, which some kernels report as an error. Waits instead of spinning. */
    private void notAccepted() throws InterruptedException {
        score.cut();
        Thread.sleep(20);
    }

    private static byte[] bytes(String line) {
        return (line + '\n').getBytes(StandardCharsets.UTF_8);
    }

    /** Waits for the reply to a line. Replies to earlier lines may arrive late, and replies to garbage at any time. */
    private void reply(DatagramClient client, String line, Set<String> sent) throws IOException {
        for (byte[] packet = client.receivePacket(REPLY_MILLIS);
                packet != null;
                packet = client.receivePacket(REPLY_MILLIS)) {
            String answer = new String(packet, StandardCharsets.UTF_8);
            answer = answer.endsWith("\n") ? answer.substring(0, answer.length() - 1) : answer;
            if (answer.startsWith("client ") && !sent.remove(answer)) {
                score.fault(name + " was answered " + answer);
            }
            if (answer.equals(line)) {
                score.answered();
                return;
            }
        }
        score.cut();
    }
}
