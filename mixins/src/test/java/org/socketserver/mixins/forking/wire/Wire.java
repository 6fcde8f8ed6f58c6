package org.socketserver.mixins.forking.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

/** Bytes as the other process receives them, valid or corrupt. */
final class Wire {
    /** Writes a value. */
    @FunctionalInterface
    interface Writer {
        void to(DataOutputStream output) throws IOException;
    }

    /** Reads a value. */
    @FunctionalInterface
    interface Reader {
        Object from(DataInputStream input) throws IOException;
    }

    private Wire() {}

    static byte[] bytes(Writer writer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        writer.to(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    static DataInputStream input(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    /** Asserts that corrupt bytes are a value or an IOException. */
    static void corrupt(byte[] good, Reader reader) {
        Random random = new Random(20_260_101);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = mutated(good, random);
            try {
                reader.from(input(bytes));
            } catch (IOException refused) {
                continue;
            } catch (RuntimeException | Error defect) {
                throw new AssertionError("round " + round + ": " + Arrays.toString(bytes), defect);
            }
        }
    }

    private static byte[] mutated(byte[] good, Random random) {
        if (random.nextInt(10) == 0) {
            byte[] noise = new byte[random.nextInt(100)];
            random.nextBytes(noise);
            return noise;
        }
        byte[] bytes = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length + 20) : good.length);
        for (int i = random.nextInt(5); i >= 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }
}
