package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.HandOver;

/** A pool whose workers fail before their process is started. */
@Timeout(60)
class WorkerStartsTest {
    private static final Logger LOGGER = Logger.getLogger("org.socketserver");

    private final MixIn.Host host = mock(MixIn.Host.class);
    private final CountDownLatch fail = new CountDownLatch(1);

    /** Worker options that block the start of a worker until {@link #fail}, and then throw. */
    private final List<String> options = new AbstractList<>() {
        @Override
        public String get(int index) {
            try {
                fail.await();
            } catch (InterruptedException never) {
                throw new AssertionError(never);
            }
            throw new UncheckedIOException(new IOException("Too many open files"));
        }

        @Override
        public int size() {
            return 1;
        }
    };

    @BeforeEach
    void begin() {
        LOGGER.setLevel(Level.OFF);
        when(host.name()).thenReturn("tcp 127.0.0.1:80");
    }

    @AfterEach
    void end() {
        LOGGER.setLevel(null);
    }

    private WorkerPool pool(int minIdle, int maxChildren) throws IOException {
        Duration minute = Duration.ofMinutes(1);
        PoolSettings settings = new PoolSettings(
                minIdle,
                0,
                0,
                minute,
                minute,
                minute,
                HandOver.RELAY,
                false,
                options,
                () -> maxChildren,
                () -> {},
                new LongAdder(),
                new LongAdder());
        return new WorkerPool(host, settings);
    }

    @Test
    void atMostEightWorkersStartAtOnce() throws Exception {
        WorkerPool pool = pool(12, 12);
        pool.check();
        pool.check();
        int starting = pool.states().size();
        fail.countDown();
        pool.close();
        assertEquals(8, starting);
    }

    @Test
    void theAcceptLoopIsWokenUpWhenRequestsFailForLackOfDescriptors() throws Exception {
        WorkerPool pool = pool(0, 1);
        CountDownLatch failed = new CountDownLatch(1);
        RequestTask task = mock(RequestTask.class);
        doAnswer(call -> {
                    failed.countDown();
                    return null;
                })
                .when(task)
                .run();
        fail.countDown();
        pool.submit(task);
        while (pool.hasRoom()) {
            Thread.sleep(1);
        }
        verify(host, never()).wakeup();
        // Another request starts a worker without waking up the accept loop, unlike the supervisor.
        while (!failed.await(20, TimeUnit.MILLISECONDS)) {
            pool.submit(mock(RequestTask.class));
        }
        verify(host).wakeup();
        pool.close();
    }
}
