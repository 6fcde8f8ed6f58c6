package org.socketserver.mixins.forking.descriptor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.spi.Connection;

class ChannelDescriptorsTest {
    @ParameterizedTest
    @EnumSource
    void theRightConnectionIsFoundAmongTwoHundred(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family)) {
            List<SocketChannel[]> open = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                SocketChannel client = over.connect();
                open.add(new SocketChannel[] {client, over.accept()});
            }
            Collections.shuffle(open, new Random(4));
            int number = 0;
            for (SocketChannel[] each : open) {
                over.send(each[1]);
                byte[] sign = {(byte) number++};
                try (Connection served = over.receive();
                        SocketChannel client = each[0]) {
                    HandOver.write(served, sign);
                    assertArrayEquals(sign, HandOver.read(client, 1));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void noDescriptorLeaksInTwoThousandHandOvers(HandOver.Family family) throws Exception {
        try (HandOver over = new HandOver(family)) {
            over.deliver().close();
            int before = HandOver.descriptors();
            for (int i = 0; i < 2_000; i++) {
                over.deliver().close();
            }
            HandOver.awaitDescriptors(before);
        }
    }

    @Test
    void otherSocketsAndFilesOfTheProcessAreUnaffected(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[] {1, 2, 3});
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong echoes = new AtomicLong();
        List<FutureTask<Void>> others = new ArrayList<>();
        List<FutureTask<Void>> handOvers = new ArrayList<>();
        for (HandOver.Family family : HandOver.Family.values()) {
            others.add(started(false, () -> echo(family, false, over, echoes)));
            others.add(started(false, () -> echo(family, VirtualThreads.available(), over, echoes)));
        }
        others.add(started(false, () -> {
            while (!over.get()) {
                assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(file));
            }
            return null;
        }));
        for (int i = 0; i < 4; i++) {
            HandOver.Family family = HandOver.Family.values()[i % 2];
            handOvers.add(started(false, () -> handOver(family, 500)));
        }
        try {
            for (FutureTask<Void> each : handOvers) {
                each.get(50, TimeUnit.SECONDS);
            }
        } finally {
            over.set(true);
        }
        for (FutureTask<Void> each : others) {
            each.get(50, TimeUnit.SECONDS);
        }
        assertTrue(echoes.get() > 0);
    }

    private static Void handOver(HandOver.Family family, int times) throws IOException {
        try (HandOver over = new HandOver(family)) {
            for (int i = 0; i < times; i++) {
                try (HandOver.Delivered delivered = over.deliver()) {
                    byte[] sign = {(byte) i};
                    HandOver.write(delivered.client(), sign);
                    assertArrayEquals(sign, HandOver.read(delivered.served(), 1));
                    HandOver.write(delivered.served(), sign);
                    assertArrayEquals(sign, HandOver.read(delivered.client(), 1));
                }
            }
        }
        return null;
    }

    /** Opens one connection after another, and exchanges some messages over each. */
    private static Void echo(HandOver.Family family, boolean virtual, AtomicBoolean over, AtomicLong echoes)
            throws Exception {
        try (HandOver sockets = new HandOver(family)) {
            byte[] bytes = new byte[100];
            while (!over.get()) {
                try (SocketChannel client = sockets.connect();
                        SocketChannel accepted = sockets.accept()) {
                    FutureTask<Void> server = started(virtual, () -> {
                        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
                        while (accepted.read(buffer) >= 0) {
                            buffer.flip();
                            while (buffer.hasRemaining()) {
                                accepted.write(buffer);
                            }
                            buffer.clear();
                        }
                        accepted.shutdownOutput();
                        return null;
                    });
                    for (int i = 0; i < 50; i++) {
                        bytes[0] = (byte) i;
                        HandOver.write(client, bytes);
                        assertArrayEquals(bytes, HandOver.read(client, bytes.length));
                        echoes.incrementAndGet();
                    }
                    client.shutdownOutput();
                    assertEquals(-1, client.read(ByteBuffer.allocate(1)));
                    server.get(50, TimeUnit.SECONDS);
                }
            }
        }
        return null;
    }

    private static FutureTask<Void> started(boolean virtual, Callable<Void> work) {
        FutureTask<Void> task = new FutureTask<>(work);
        Thread thread = virtual ? VirtualThreads.newThread("echo", task) : new Thread(task, "work");
        if (!virtual) {
            thread.setDaemon(true);
        }
        thread.start();
        return task;
    }

    @Test
    void theDescriptorOfAClosedConnectionIsNotCopied() throws Exception {
        try (HandOver over = new HandOver(HandOver.Family.TCP);
                SocketChannel client = over.connect()) {
            SocketChannel accepted = over.accept();
            try (DescriptorCopy copy = DescriptorCopy.of(accepted)) {
                assertTrue(copy.channel().isOpen());
            }
            accepted.close();
            assertThrows(IOException.class, () -> DescriptorCopy.of(accepted));
            assertEquals(-1, client.read(ByteBuffer.allocate(1)), "no copy is left");
        }
    }

    @Test
    void aForeignChannelHasNoDescriptor() {
        assertThrows(IOException.class, () -> ChannelDescriptors.of(mock(SocketChannel.class)));
    }
}
