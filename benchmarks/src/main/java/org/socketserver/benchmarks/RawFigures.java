package org.socketserver.benchmarks;

import java.util.Locale;

/** Writes every measurement as comma-separated values, for further processing. */
final class RawFigures {
    private RawFigures() {}

    static String write(Results results) {
        StringBuilder text = new StringBuilder("scenario,contender,round,value,unit,asked,p50_us,p99_us,p999_us,"
                + "processor_us_per_request,resident_mb,generator_share,lost\n");
        for (Scenario scenario : results.scenarios()) {
            for (String name : results.contenders(scenario)) {
                int round = 0;
                for (Measurement each : results.cell(scenario, name).measurements()) {
                    round++;
                    text.append(String.format(
                            Locale.ROOT,
                            "%s,%s,%d,%.3f,%s,%.0f,%.2f,%.2f,%.2f,%.3f,%.2f,%.3f,%d%n",
                            scenario.name(),
                            name,
                            round,
                            each.value(),
                            scenario.mode().unit,
                            each.asked(),
                            each.micros(50),
                            each.micros(99),
                            each.micros(99.9),
                            each.processorMicros(),
                            each.residentMegabytes(),
                            each.generatorShare(),
                            each.lost()));
                }
            }
        }
        return text.toString();
    }
}
