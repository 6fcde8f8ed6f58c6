package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.socketserver.api.server.Admission.TokenBucket;

class TokenBucketTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** The time, which a test advances. Overflows, as {@link System#nanoTime()} can. */
    private long now = Long.MAX_VALUE - 2 * SECOND;

    private TokenBucket bucket(int perSecond, int burst) {
        return new TokenBucket(perSecond, burst, () -> now);
    }

    private static int takeAll(TokenBucket bucket) {
        int taken = 0;
        while (bucket.take()) {
            taken++;
        }
        return taken;
    }

    @Test
    void aRateOfZeroHasNoLimit() {
        TokenBucket bucket = bucket(0, 1);
        for (int i = 0; i < 10_000; i++) {
            assertEquals(0, bucket.untilToken());
            assertTrue(bucket.take());
        }
    }

    @Test
    void aNewBucketHasTheWholeBurst() {
        assertEquals(50, takeAll(bucket(1, 50)));
    }

    @Test
    void anEmptyBucketReturnsTheTimeUntilTheNextToken() {
        TokenBucket bucket = bucket(1, 1);
        assertTrue(bucket.take());
        assertFalse(bucket.take());
        assertEquals(SECOND, bucket.untilToken());
        now += SECOND / 4;
        assertEquals(SECOND * 3 / 4, bucket.untilToken());
    }

    @Test
    void theNextTokenIsAvailableExactlyAfterTheReturnedTime() {
        TokenBucket bucket = bucket(200, 1);
        for (int i = 0; i < 5; i++) {
            assertTrue(bucket.take());
            now += bucket.untilToken() - 1;
            assertFalse(bucket.take());
            now++;
        }
    }

    @Test
    void aQuietTimeAccumulatesAtMostTheBurst() {
        TokenBucket bucket = bucket(1_000, 3);
        now += 30 * SECOND;
        assertEquals(3, takeAll(bucket));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 2", "7, 100", "999, 10", "600001, 1", "750000, 1000", "1000000, 1"})
    void theNumberOfTokensIsAtMostTheBurstPlusTheRateTimesTheTime(int perSecond, int burst) {
        TokenBucket bucket = bucket(perSecond, burst);
        long began = now;
        long taken = takeAll(bucket);
        for (int i = 0; i < 10_000; i++) {
            now += bucket.untilToken();
            taken += takeAll(bucket);
            double most = burst + (double) (now - began) * perSecond / SECOND;
            assertTrue(taken <= most, taken + " taken after " + (now - began) + " ns, at most " + most);
        }
        // The time per token in ns is rounded up.
        double least = (double) (now - began) / (SECOND / perSecond + 1) - 1;
        assertTrue(taken >= least, taken + " taken, at least " + least);
    }

    @Test
    void theSystemClockRefillsTheBucket() throws InterruptedException {
        TokenBucket bucket = new TokenBucket(1_000, 1);
        assertTrue(bucket.take());
        Thread.sleep(2);
        assertTrue(bucket.take());
    }
}
