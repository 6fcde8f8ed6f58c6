package org.socketserver.examples.cli;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;

/** Finds out which kind of request a handler class handles: the R of the RequestHandler that it implements. */
final class HandledRequest {
    private HandledRequest() {}

    /**
     * Looks through the class, what it extends, and what it implements.
     *
     * @return the kind; empty if the class is no handler
     */
    static Optional<Class<?>> of(Class<?> type) {
        return of(type, Map.of());
    }

    private static Optional<Class<?>> of(Class<?> type, Map<TypeVariable<?>, Type> known) {
        List<Type> parents = new ArrayList<>(Arrays.asList(type.getGenericInterfaces()));
        if (type.getGenericSuperclass() != null) {
            parents.add(type.getGenericSuperclass());
        }
        for (Type parent : parents) {
            Optional<Class<?>> found =
                    parent instanceof ParameterizedType generic ? of(generic, known) : ofRaw((Class<?>) parent);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Class<?>> ofRaw(Class<?> type) {
        return type == RequestHandler.class ? Optional.of(Request.class) : of(type, Map.of());
    }

    private static Optional<Class<?>> of(ParameterizedType type, Map<TypeVariable<?>, Type> known) {
        Class<?> raw = (Class<?>) type.getRawType();
        Type[] arguments = type.getActualTypeArguments();
        if (raw == RequestHandler.class) {
            return Optional.of(erased(arguments[0], known));
        }
        Map<TypeVariable<?>, Type> next = new HashMap<>();
        for (int index = 0; index < arguments.length; index++) {
            next.put(raw.getTypeParameters()[index], erased(arguments[index], known));
        }
        return of(raw, next);
    }

    private static Class<?> erased(Type type, Map<TypeVariable<?>, Type> known) {
        if (type instanceof Class<?> plain) {
            return plain;
        }
        if (type instanceof ParameterizedType generic) {
            return (Class<?>) generic.getRawType();
        }
        if (type instanceof TypeVariable<?> variable) {
            Type value = known.get(variable);
            return erased(value == null ? variable.getBounds()[0] : value, Map.of());
        }
        return type instanceof WildcardType wildcard ? erased(wildcard.getUpperBounds()[0], known) : Object.class;
    }
}
