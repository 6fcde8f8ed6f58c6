package org.socketserver.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenBucketTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void aRateOfZeroHasNoLimit() {
        TokenBucket bucket = new TokenBucket(0, 1);
        for (int i = 0; i < 10_000; i++) {
            assertEquals(0, bucket.untilToken());
            assertTrue(bucket.take());
        }
    }

    @Test
    void itIsFullAtFirstAndGivesTheBurstAtOnce() {
        TokenBucket bucket = new TokenBucket(1, 50);
        for (int i = 0; i < 50; i++) {
            assertTrue(bucket.take(), i + " were taken");
        }
    }

    @Test
    void withoutATokenItGivesNoneAndTellsHowLongToWait() {
        long began = System.nanoTime();
        TokenBucket bucket = new TokenBucket(1, 1);
        assertTrue(bucket.take());
        boolean given = bucket.take();
        long wait = bucket.untilToken();
        // Unless this machine made a pause of a second just here.
        assertTrue(!given || System.nanoTime() - began >= SECOND);
        assertTrue(wait <= SECOND, wait + " ns");
    }

    @Test
    void afterTheTimeItToldThereIsAToken() {
        TokenBucket bucket = new TokenBucket(200, 1);
        for (int i = 0; i < 5; i++) {
            assertTrue(bucket.take());
            for (long left = bucket.untilToken(); left > 0; left = bucket.untilToken()) {
                LockSupport.parkNanos(left);
            }
        }
    }

    @Test
    void aQuietTimeSavesUpNoMoreThanTheBurst() {
        TokenBucket bucket = new TokenBucket(1_000, 3);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
        long began = System.nanoTime();
        int taken = 0;
        while (bucket.take()) {
            taken++;
        }
        assertTrue(taken >= 3, "taken " + taken);
        assertTrue(taken <= 3 + (System.nanoTime() - began) / 1_000_000.0, "taken " + taken);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 2", "7, 100", "999, 10", "600001, 1", "750000, 1000", "1000000, 1"})
    void itNeverGivesMoreThanTheBurstAndTheRateTimesTheTime(int perSecond, int burst) {
        long began = System.nanoTime();
        TokenBucket bucket = new TokenBucket(perSecond, burst);
        long taken = 0;
        long elapsed = 0;
        while (elapsed < TimeUnit.MILLISECONDS.toNanos(100)) {
            boolean given = bucket.take();
            elapsed = System.nanoTime() - began;
            if (given) {
                taken++;
                double most = burst + (double) elapsed * perSecond / SECOND;
                assertTrue(taken <= most, taken + " taken after " + elapsed + " ns, at most " + most);
            }
        }
        assertFalse(taken < Math.min(burst, 100), "taken " + taken);
    }
}
