package org.socketserver.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadReportTest {
    private static LoadReport report(String... lines) throws IOException {
        LoadReport report = new LoadReport();
        for (String line : lines) {
            report.add(line);
        }
        return report;
    }

    @Test
    void allLinesOfAReportAreParsed() throws IOException {
        LoadReport report = report("requests 1000", "lost 3", "seconds 2.000000", "processor 1.900000");
        assertTrue(report.isComplete());
        assertEquals(1000, report.requests());
        assertEquals(3, report.lost());
        assertEquals(500, report.perSecond());
        assertEquals(0.95, report.generatorShare(), 1e-9);
    }

    @Test
    void percentilesAreExactToOnePercent() throws IOException {
        Measurement measurement = Measurement.of(
                report(
                        "requests 1000",
                        "seconds 1",
                        "processor 0.5",
                        "latency 20000 900",
                        "latency 500000 99",
                        "latency 30000000 1"),
                Double.NaN,
                0.002,
                10);
        assertEquals(20, measurement.micros(50), 0.2);
        assertEquals(500, measurement.micros(99), 5);
        assertEquals(30_000, measurement.micros(99.99), 300);
        assertEquals(2, measurement.processorMicros(), 1e-9);
    }

    @Test
    void aTruncatedReportIsIncomplete() throws IOException {
        assertFalse(report("requests 1000", "lost 0").isComplete());
    }

    @ParameterizedTest
    @ValueSource(strings = {"load: connection lost", "requests many", "latency 5", "", "requests"})
    void anyOtherLineIsRejectedAndQuoted(String line) {
        IOException failure = assertThrows(IOException.class, () -> report(line));
        assertTrue(failure.getMessage().endsWith(line), failure.getMessage());
    }

    @Test
    void aGeneratorThatIsBusyForMoreThanNinetyPercentIsSaturated() throws IOException {
        Measurement busy = Measurement.of(report("requests 9", "seconds 1", "processor 0.91"), Double.NaN, 0, 0);
        Measurement idle = Measurement.of(report("requests 9", "seconds 1", "processor 0.89"), Double.NaN, 0, 0);
        assertTrue(busy.isGeneratorSaturated());
        assertFalse(idle.isGeneratorSaturated());
    }

    @Test
    void aMissedRateIsDetected() throws IOException {
        LoadReport report = report("requests 970", "seconds 1");
        assertTrue(Measurement.of(report, 1000, 0, 0).missesRate());
        assertFalse(Measurement.of(report, 980, 0, 0).missesRate());
        assertFalse(Measurement.of(report, Double.NaN, 0, 0).missesRate());
    }
}
