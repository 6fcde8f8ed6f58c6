package org.socketserver.examples.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;

/** All that can be set about a server, found by reflection: what is added to the framework appears here by itself. */
final class OptionValues {
    private OptionValues() {}

    /** Gives each value by what it is set on and its name: {@code ServerOptions.backlog}, {@code Deadline.READ}. */
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

    /** The lists of rules are named for what they hold, and set by what that does. */
    private static String setter(String accessor) {
        return switch (accessor) {
            case "allowed" -> "allow";
            case "denied" -> "deny";
            default -> accessor;
        };
    }

    /** Gives those values that are not the default, as text. */
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
