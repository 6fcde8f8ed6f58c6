package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;

/** {@link ServerOptions#ageJitter}: connections that begin together do not end together. */
class AgeJitterTest {
    private static Set<Duration> ages(int connections, ServerOptions options) {
        MemoryServer server = new MemoryServer(HandlerSource.ofFunction(request -> {}), options);
        Set<Duration> ages = new TreeSet<>();
        for (int i = 0; i < connections; i++) {
            ConnectionRequest request = new ConnectionRequest(new MemoryConnection(), server);
            ages.add(request.deadline(Deadline.AGE));
            request.close();
        }
        return ages;
    }

    private static ServerOptions tenSeconds() {
        return ServerOptions.DEFAULTS.deadline(Deadline.AGE, Duration.ofSeconds(10));
    }

    @Test
    void agesAreSpreadOverTheWholeJitter() {
        TreeSet<Duration> ages = new TreeSet<>(ages(1_000, tenSeconds().ageJitter(20)));
        assertTrue(ages.first().toMillis() >= 8_000, ages.first().toString());
        assertTrue(
                ages.last().compareTo(Duration.ofSeconds(12)) <= 0, ages.last().toString());
        // Each part is a tenth of the range; the probability that none of 1,000 falls into it is 10^-45.
        assertTrue(ages.first().toMillis() < 8_400, ages.first().toString());
        assertTrue(ages.last().toMillis() > 11_600, ages.last().toString());
        assertTrue(ages.size() > 900, "most ages differ");
    }

    @Test
    void theDefaultIsTenPercent() {
        assertEquals(10, ServerOptions.DEFAULTS.ageJitter());
        TreeSet<Duration> ages = new TreeSet<>(ages(1_000, tenSeconds()));
        assertTrue(
                ages.first().toMillis() >= 9_000 && ages.first().toMillis() < 9_200,
                ages.first().toString());
        assertTrue(
                ages.last().toMillis() <= 11_000 && ages.last().toMillis() > 10_800,
                ages.last().toString());
    }

    @Test
    void withoutJitterAllAgesAreExact() {
        assertEquals(Set.of(Duration.ofSeconds(10)), ages(100, tenSeconds().ageJitter(0)));
    }

    @Test
    void aJitterOfAHundredPercentKeepsAgesPositive() {
        ages(1_000, tenSeconds().ageJitter(100)).forEach(age -> assertTrue(!age.isZero() && !age.isNegative()));
    }

    @Test
    void jitterWithoutAnAgeIsNoLimit() {
        assertEquals(Set.of(Duration.ZERO), ages(10, ServerOptions.DEFAULTS.ageJitter(50)));
    }

    @Test
    void aJitterOutOfBoundsIsRejected() {
        for (int percent : new int[] {-1, 101}) {
            String refused = assertThrows(
                            IllegalArgumentException.class, () -> ServerOptions.DEFAULTS.ageJitter(percent))
                    .getMessage();
            assertEquals("ageJitter is " + percent + " percent; it must be from 0 to 100 percent", refused);
        }
    }
}
