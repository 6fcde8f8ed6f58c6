package org.socketserver.examples.cli;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.TreeMap;
import org.socketserver.mixins.ForkingMixIn;

/** The settings of a ForkingMixIn, read from its fields, because most of them have no accessor. */
final class ForkingSettings {
    /** The setters of fields that have another name. */
    private static final Map<String, String> RENAMED =
            Map.of("requestsJitter", "requestsPerChildJitter", "workerOptions", "workerOption");

    private ForkingSettings() {}

    /** Returns the settings as text, by the name of the setter. */
    static Map<String, String> of(ForkingMixIn forking) {
        Map<String, String> settings = new TreeMap<>();
        values(forking).forEach((name, value) -> settings.put(name, value.toString()));
        return settings;
    }

    /** Returns the settings, by the name of the setter. */
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
