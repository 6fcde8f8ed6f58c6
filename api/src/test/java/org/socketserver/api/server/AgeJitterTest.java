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

/** {@link ServerOptions#ageJitter}: connections that came together do not go together. */
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
    void agesDifferByNoMoreThanTheJitterAndSpreadOverAllOfIt() {
        TreeSet<Duration> ages = new TreeSet<>(ages(1_000, tenSeconds().ageJitter(20)));
        assertTrue(ages.first().toMillis() >= 8_000, ages.first().toString());
        assertTrue(
                ages.last().compareTo(Duration.ofSeconds(12)) <= 0, ages.last().toString());
        // That none of 1,000 falls into one of these parts, a tenth of the whole each, happens once in 10^45.
        assertTrue(ages.first().toMillis() < 8_400, ages.first().toString());
        assertTrue(ages.last().toMillis() > 11_600, ages.last().toString());
        assertTrue(ages.size() > 900, "they are hardly ever the same");
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
    void withoutJitterEachAgeIsExact() {
        assertEquals(Set.of(Duration.ofSeconds(10)), ages(100, tenSeconds().ageJitter(0)));
    }

    @Test
    void evenAJitterOfAHundredPercentLeavesALimit() {
        ages(1_000, tenSeconds().ageJitter(100)).forEach(age -> assertTrue(!age.isZero() && !age.isNegative()));
    }

    @Test
    void withoutAnAgeThereIsNoLimitWhateverTheJitter() {
        assertEquals(Set.of(Duration.ZERO), ages(10, ServerOptions.DEFAULTS.ageJitter(50)));
    }

    @Test
    void aJitterOutOfBoundsIsRefused() {
        for (int percent : new int[] {-1, 101}) {
            String refused = assertThrows(
                            IllegalArgumentException.class, () -> ServerOptions.DEFAULTS.ageJitter(percent))
                    .getMessage();
            assertEquals("ageJitter is " + percent + " percent; it must be from 0 to 100 percent", refused);
        }
    }
}
