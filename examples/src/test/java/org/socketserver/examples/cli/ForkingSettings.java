package org.socketserver.examples.cli;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.TreeMap;
import org.socketserver.mixins.ForkingMixIn;

/** What a ForkingMixIn is set to. It shows only its bound, so the rest is looked up in its fields. */
final class ForkingSettings {
    /** Fields that are not named like their setter. */
    private static final Map<String, String> RENAMED =
            Map.of("requestsJitter", "requestsPerChildJitter", "workerOptions", "workerOption");

    private ForkingSettings() {}

    /** Gives each setting by the name of its setter. */
    static Map<String, String> of(ForkingMixIn forking) {
        Map<String, String> settings = new TreeMap<>();
        values(forking).forEach((name, value) -> settings.put(name, value.toString()));
        return settings;
    }

    /** Gives each value by the name of its setter. */
    static Map<String, Object> values(ForkingMixIn forking) {
        Map<String, Object> values = new TreeMap<>();
        values.put("maxChildren", forking.maxChildren());
        for (String name : new String[] {
            "minIdle",
            "requestsPerChild",
            "requestsJitter",
            "idleTimeout",
            "startTimeout",
            "heartbeatTimeout",
            "handOver",
            "workerOptions"
        }) {
            try {
                Field field = ForkingMixIn.class.getDeclaredField(name);
                field.setAccessible(true);
                values.put(RENAMED.getOrDefault(name, name), field.get(forking));
            } catch (ReflectiveOperationException failure) {
                throw new AssertionError(failure);
            }
        }
        return values;
    }
}
