package org.socketserver.api.server;

import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.ArrayDeque;
import java.util.Queue;

/** One direction of an in-memory connection. Writers wait while it is full. */
final class MemoryPipe {
    private final Queue<Byte> bytes = new ArrayDeque<>();
    private final int capacity;
    private boolean ended;
    private boolean closed;

    MemoryPipe(int capacity) {
        this.capacity = capacity;
    }

    synchronized int read(ByteBuffer target) throws AsynchronousCloseException {
        while (bytes.isEmpty() && !ended && !closed) {
            await();
        }
        if (closed && !ended) {
            throw new AsynchronousCloseException();
        }
        if (bytes.isEmpty()) {
            return -1;
        }
        int count = 0;
        while (target.hasRemaining() && !bytes.isEmpty()) {
            target.put(bytes.remove());
            count++;
        }
        notifyAll();
        return count;
    }

    synchronized int write(ByteBuffer source) throws AsynchronousCloseException {
        while (bytes.size() >= capacity && !closed) {
            await();
        }
        if (closed) {
            throw new AsynchronousCloseException();
        }
        int count = 0;
        while (source.hasRemaining() && bytes.size() < capacity) {
            bytes.add(source.get());
            count++;
        }
        notifyAll();
        return count;
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void await() {
        try {
            wait();
        } catch (InterruptedException interrupt) {
            closed = true;
            Thread.currentThread().interrupt();
        }
    }
}
