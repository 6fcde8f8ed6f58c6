package org.socketserver.api;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The source of a server's handlers: a class, a factory, or one function for all requests.
 *
 * <p>Only a class can be used in another process; factories and functions stay in this one. Immutable.
 *
 * @param <R> kind of request that the handlers must be able to answer
 */
public final class HandlerSource<R extends Request> {
    private final @Nullable Class<?> handlerClass;
    private final RequestHandler.Factory<R> factory;

    private HandlerSource(@Nullable Class<?> handlerClass, RequestHandler.Factory<R> factory) {
        this.handlerClass = handlerClass;
        this.factory = factory;
    }

    /**
     * Returns a source that creates an instance of a class for each request, with its constructor without parameters.
     *
     * @param <R> kind of request
     * @param handler a concrete class, in a package that its module, if it has one, exports or opens to this one
     * @return the source
     * @throws IllegalArgumentException if the class can't be instantiated; the message says why and what to pass
     *     instead
     */
    public static <R extends Request> HandlerSource<R> ofClass(Class<? extends RequestHandler<? super R>> handler) {
        Objects.requireNonNull(handler, "handler");
        Constructor<? extends RequestHandler<? super R>> constructor = constructor(handler);
        return new HandlerSource<>(handler, () -> {
            try {
                return constructor.newInstance();
            } catch (InvocationTargetException thrown) {
                if (thrown.getCause() instanceof Exception cause) {
                    throw cause;
                }
                throw thrown.getCause() instanceof Error cause ? cause : new LinkageError(handler.getName(), thrown);
            }
        });
    }

    /**
     * Returns a source that gets a new handler from a factory for each request.
     *
     * @param <R> kind of request
     * @param factory called on the thread that handles the request; must return a new handler each time
     * @return the source
     */
    public static <R extends Request> HandlerSource<R> ofFactory(RequestHandler.Factory<? super R> factory) {
        Objects.requireNonNull(factory, "factory");
        return new HandlerSource<>(
                null, () -> Objects.requireNonNull(factory.newHandler(), "the handler factory returned null"));
    }

    /**
     * Returns a source that uses one function for all requests.
     *
     * @param <R> kind of request
     * @param function called by many threads at once
     * @return the source
     * @throws IllegalArgumentException if it is a {@link BaseRequestHandler}, which serves one request only
     */
    public static <R extends Request> HandlerSource<R> ofFunction(RequestHandler<? super R> function) {
        Objects.requireNonNull(function, "function");
        if (function instanceof BaseRequestHandler) {
            String name = function.getClass().getSimpleName();
            throw new IllegalArgumentException(
                    "one instance of " + function.getClass().getName() + " can't serve all requests; pass " + name
                            + ".class or () -> new " + name + "(...)");
        }
        return new HandlerSource<>(null, () -> function);
    }

    /**
     * Returns the handler for the next request.
     *
     * @return a handler
     * @throws Exception if the constructor or the factory throws it
     */
    public RequestHandler<? super R> newHandler() throws Exception {
        return factory.newHandler();
    }

    /**
     * Returns the class of the handlers, for use in another process.
     *
     * @return the class; empty for a factory or a function
     */
    public Optional<Class<?>> handlerClass() {
        return Optional.ofNullable(handlerClass);
    }

    /**
     * Returns the kind of request that a handler class handles.
     *
     * @param handler a handler class
     * @return the type argument of {@link RequestHandler}; {@link Request} if the class handles every kind, or does
     *     not say which
     */
    public static Class<? extends Request> requestType(Class<? extends RequestHandler<?>> handler) {
        Objects.requireNonNull(handler, "handler");
        return requestTypes(handler).findFirst().orElse(Request.class);
    }

    /** Returns the request types in the type arguments of a type and its supertypes, its own first. */
    private static Stream<Class<? extends Request>> requestTypes(Class<?> type) {
        return Stream.concat(Stream.ofNullable(type.getGenericSuperclass()), Arrays.stream(type.getGenericInterfaces()))
                .flatMap(parent -> parent instanceof ParameterizedType generic
                        ? Stream.concat(
                                Arrays.stream(generic.getActualTypeArguments()).flatMap(HandlerSource::asRequestType),
                                requestTypes((Class<?>) generic.getRawType()))
                        : requestTypes((Class<?>) parent));
    }

    private static Stream<Class<? extends Request>> asRequestType(Type argument) {
        Type bound = argument instanceof TypeVariable<?> variable ? variable.getBounds()[0] : argument;
        return bound instanceof Class<?> plain && Request.class.isAssignableFrom(plain)
                ? Stream.of(plain.asSubclass(Request.class))
                : Stream.empty();
    }

    private static <T> Constructor<T> constructor(Class<T> type) {
        String instead = "; pass a factory instead: () -> new " + type.getSimpleName() + "(...)";
        if (type.isInterface() || Modifier.isAbstract(type.getModifiers())) {
            throw new IllegalArgumentException("the handler class " + type.getName() + " is abstract" + instead);
        }
        Constructor<T> constructor;
        try {
            constructor = type.getDeclaredConstructor();
        } catch (NoSuchMethodException none) {
            throw new IllegalArgumentException(
                    "the handler class " + type.getName() + " has no constructor without parameters"
                            + (type.isMemberClass() && !Modifier.isStatic(type.getModifiers())
                                    ? " (is it meant to be static?)"
                                    : "")
                            + instead,
                    none);
        }
        if (!constructor.trySetAccessible()) {
            throw new IllegalArgumentException("the handler class " + type.getName()
                    + " or its constructor can't be reached: make both public, and let " + type.getModule()
                    + " export its package to "
                    + HandlerSource.class.getModule().getName() + instead);
        }
        return constructor;
    }
}
