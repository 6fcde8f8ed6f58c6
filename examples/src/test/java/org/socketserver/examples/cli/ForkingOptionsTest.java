package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.socketserver.mixins.ForkingMixIn;

class ForkingOptionsTest {
    /** The setters of the mix-in, and their options. */
    static final Map<String, String> SETTERS = new TreeMap<>(Map.of(
            "maxChildren", "--max-children",
            "minIdle", "--min-idle",
            "requestsPerChild", "--requests-per-child",
            "requestsPerChildJitter", "--requests-per-child-jitter",
            "idleTimeout", "--worker-idle-timeout",
            "startTimeout", "--start-timeout",
            "heartbeatTimeout", "--heartbeat-timeout",
            "handOver", "--hand-over",
            "workerOption", "--worker-option"));

    private static ForkingMixIn parse(String args) {
        return (ForkingMixIn) OptionsReachTest.parse(("tcp :0 --mixin=forking " + args).split(" "))
                .mixIn();
    }

    /** Returns all settings of the mix-in, by name. */
    private static Map<String, String> settings(ForkingMixIn forking) {
        return new TreeMap<>(ForkingSettings.of(forking));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--max-children 3|maxChildren|3",
                "--min-idle 5|minIdle|5",
                "--requests-per-child 7|requestsPerChild|7",
                "--worker-idle-timeout 4s|idleTimeout|PT4S",
                "--start-timeout 5s|startTimeout|PT5S",
                "--heartbeat-timeout 6s|heartbeatTimeout|PT6S",
                "--hand-over relay|handOver|RELAY",
                "--worker-option -Xmx64m --worker-option=-Dx=y|workerOption|[-Xmx64m, -Dx=y]"
            })
    void everyOptionReachesTheMixInAndChangesNothingElse(String args, String name, String value) {
        Map<String, String> expected = settings(new ForkingMixIn());
        expected.put(name, value);
        assertEquals(expected, settings(parse(args)));
    }

    @Test
    void theJitterReachesTheMixIn() {
        Map<String, String> set = settings(parse("--requests-per-child 9 --requests-per-child-jitter 2"));
        assertEquals("9", set.get("requestsPerChild"));
        assertEquals("2", set.get("requestsPerChildJitter"));
    }

    @Test
    void everySetterOfTheMixInHasAnOption() {
        List<String> setters = Arrays.stream(ForkingMixIn.class.getMethods())
                .filter(method -> method.getReturnType() == ForkingMixIn.class)
                .map(method -> method.getName())
                // Set with --worker-option.
                .filter(name -> !name.equals("systemProperty"))
                .sorted()
                .toList();
        assertEquals(List.copyOf(SETTERS.keySet()), setters);
        assertTrue(settings(new ForkingMixIn()).keySet().containsAll(setters));
    }
}
