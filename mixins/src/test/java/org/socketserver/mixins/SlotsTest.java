package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.socketserver.api.spi.MixIn;

class SlotsTest {
    private final MixIn.Host host = mock(MixIn.Host.class);
    private final Slots slots = new Slots("maxChildren", 2);

    @Test
    void thereIsRoomUpToTheLimit() {
        slots.take();
        assertTrue(slots.hasRoom());
        slots.take();
        assertFalse(slots.hasRoom());
        slots.giveBack();
        assertTrue(slots.hasRoom());
        assertEquals(1, slots.taken());
    }

    @Test
    void theAcceptLoopIsWokenUpOnlyIfItFoundNoRoom() {
        slots.attach(host);
        slots.take();
        slots.take();
        slots.giveBack();
        verify(host, never()).wakeup();
        slots.take();
        assertFalse(slots.hasRoom());
        slots.giveBack();
        slots.giveBack();
        verify(host, times(1)).wakeup();
    }

    @Test
    void aHigherLimitWakesUpTheAcceptLoop() {
        slots.attach(host);
        slots.take();
        slots.take();
        assertFalse(slots.hasRoom());
        slots.limit(3);
        verify(host).wakeup();
        assertEquals(3, slots.limit());
    }

    @Test
    void anInvalidLimitIsRejectedWithTheNameOfTheOption() {
        assertEquals(
                "maxChildren is 0 requests; it must be 1 request or more",
                assertThrows(IllegalArgumentException.class, () -> slots.limit(0))
                        .getMessage());
        assertEquals(2, slots.limit());
    }

    @Test
    void slotsBelongToOneServer() {
        when(host.name()).thenReturn("tcp 127.0.0.1:80");
        slots.attach(host);
        assertEquals(
                "this mix-in belongs to tcp 127.0.0.1:80; make one for each server",
                assertThrows(IllegalStateException.class, () -> slots.attach(host))
                        .getMessage());
    }

    @Test
    void noWakeupIsLostIfASlotIsReturnedDuringTheCheck() throws Exception {
        Semaphore wake = new Semaphore(0);
        Mockito.doAnswer(call -> {
                    wake.release();
                    return null;
                })
                .when(host)
                .wakeup();
        slots.limit(1);
        slots.attach(host);
        int rounds = 20_000;
        Semaphore taken = new Semaphore(0);
        AtomicInteger most = new AtomicInteger();
        Thread worker = new Thread(() -> {
            for (int i = 0; i < rounds; i++) {
                taken.acquireUninterruptibly();
                most.accumulateAndGet(slots.taken(), Math::max);
                slots.giveBack();
            }
        });
        worker.start();
        for (int i = 0; i < rounds; i++) {
            while (!slots.hasRoom()) {
                // Blocks forever if a wake-up is lost.
                wake.acquire();
            }
            slots.take();
            taken.release();
        }
        worker.join();
        assertEquals(0, slots.taken());
        assertEquals(1, most.get());
    }
}
