package org.socketserver.examples.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;

/** All settings of a server, found by reflection, so that new options are included. */
final class OptionValues {
    private OptionValues() {}

    /** Returns the values by owner and name: {@code ServerOptions.backlog}, {@code Deadline.READ}. */
    static Map<String, Object> of(ServerOptions options) {
        Map<String, Object> values = new TreeMap<>();
        read(options, Set.of("limits"), values);
        read(options.limits(), Set.of(), values);
        for (Deadline deadline : Deadline.values()) {
            values.put("Deadline." + deadline.name(), options.deadline(deadline));
        }
        return values;
    }

    private static void read(Object holder, Set<String> without, Map<String, Object> values) {
        for (Method accessor : holder.getClass().getDeclaredMethods()) {
            int modifiers = accessor.getModifiers();
            if (Modifier.isPublic(modifiers)
                    && !Modifier.isStatic(modifiers)
                    && accessor.getParameterCount() == 0
                    && !accessor.getName().equals("toString")
                    && !without.contains(accessor.getName())) {
                try {
                    values.put(
                            holder.getClass().getSimpleName() + "." + setter(accessor.getName()),
                            accessor.invoke(holder));
                } catch (ReflectiveOperationException failure) {
                    throw new AssertionError(accessor.toString(), failure);
                }
            }
        }
    }

    /** Returns the name of the setter, which differs from the accessor for lists of rules. */
    private static String setter(String accessor) {
        return switch (accessor) {
            case "allowed" -> "allow";
            case "denied" -> "deny";
            default -> accessor;
        };
    }

    /** Returns the values that differ from the default, as text. */
    static Map<String, String> changed(ServerOptions options) {
        Map<String, Object> defaults = of(ServerOptions.DEFAULTS);
        Map<String, String> changed = new TreeMap<>();
        of(options).forEach((name, value) -> {
            if (!value.toString().equals(defaults.get(name).toString())) {
                changed.put(name, value.toString());
            }
        });
        return changed;
    }
}
