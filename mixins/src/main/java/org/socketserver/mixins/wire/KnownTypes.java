package org.socketserver.mixins.wire;

import java.lang.ref.SoftReference;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.PortableType;

/**
 * The {@link PortableType}s that this module's class loader and one context class loader find. Immutable.
 *
 * <p>They are looked for once for each context class loader: an application may bring types that only its own loader
 * knows, and some threads, such as those of the common pool, have another. A loader that is gone takes its types along.
 */
final class KnownTypes {
    private static final Pattern NAME = Pattern.compile("[a-z0-9.-]{1,64}");

    /** Guarded by itself. The types refer to their loader, so they must not be held. */
    private static final Map<ClassLoader, SoftReference<KnownTypes>> BY_LOADER = new WeakHashMap<>();

    private final Map<String, PortableType<?>> byName = new LinkedHashMap<>();
    private final Map<Class<?>, PortableType<?>> byType = new LinkedHashMap<>();
    private final List<PortableType<?>> facts;

    private KnownTypes(Set<ClassLoader> loaders) {
        Set<Class<?>> found = new LinkedHashSet<>();
        for (ClassLoader loader : loaders) {
            for (PortableType<?> type : ServiceLoader.load(PortableType.class, loader)) {
                if (found.add(type.getClass())) {
                    add(type);
                }
            }
        }
        facts = byName.values().stream()
                .filter(type -> !SocketAddress.class.isAssignableFrom(type.type()))
                .toList();
    }

    private void add(PortableType<?> type) {
        if (!NAME.matcher(type.name()).matches()) {
            throw new ServiceConfigurationError(type.getClass().getName() + " has the name '" + type.name()
                    + "'; it must have from 1 to 64 lower-case letters, digits, dots and hyphens");
        }
        PortableType<?> sameName = byName.putIfAbsent(type.name(), type);
        PortableType<?> sameType = byType.putIfAbsent(type.type(), type);
        if (sameName != null) {
            throw taken(sameName, type, "the name " + type.name());
        }
        if (sameType != null) {
            throw taken(sameType, type, type.type().toString());
        }
    }

    private static ServiceConfigurationError taken(PortableType<?> one, PortableType<?> other, String what) {
        return new ServiceConfigurationError(
                one.getClass().getName() + " and " + other.getClass().getName() + " are both for " + what);
    }

    /**
     * Returns the types that the current thread can know.
     *
     * @throws ServiceConfigurationError if one can't be made, or two are for the same
     */
    static KnownTypes here() {
        ClassLoader context = orSystem(Thread.currentThread().getContextClassLoader());
        synchronized (BY_LOADER) {
            SoftReference<KnownTypes> known = BY_LOADER.get(context);
            KnownTypes types = known != null ? known.get() : null;
            if (types != null) {
                return types;
            }
        }
        // Without the lock: this runs code of users.
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        loaders.add(orSystem(KnownTypes.class.getClassLoader()));
        loaders.add(context);
        KnownTypes types = new KnownTypes(loaders);
        synchronized (BY_LOADER) {
            BY_LOADER.put(context, new SoftReference<>(types));
        }
        return types;
    }

    /** What {@link ServiceLoader} takes null for. */
    private static ClassLoader orSystem(@Nullable ClassLoader loader) {
        return loader != null ? loader : ClassLoader.getSystemClassLoader();
    }

    /** The one of this name. */
    Optional<PortableType<?>> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The one of this very class, else of what it extends. */
    Optional<PortableType<?>> of(Class<?> type) {
        PortableType<?> exact = byType.get(type);
        if (exact != null) {
            return Optional.of(exact);
        }
        return byName.values().stream()
                .filter(known -> known.type().isAssignableFrom(type))
                .findFirst();
    }

    /** Those that are no addresses. */
    List<PortableType<?>> facts() {
        return facts;
    }
}
