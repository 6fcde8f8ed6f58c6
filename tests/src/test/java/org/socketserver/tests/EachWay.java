package org.socketserver.tests;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs all tests of a class for every transport, without concurrency, with threads, and with worker processes.
 *
 * <p>Handlers must be classes that share nothing with the test: commands and results travel over the wire, as with
 * {@link ObedientHandler}. A test whose handler is a lambda or waits for a latch uses {@link EachSetup}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@MethodSource("org.socketserver.tests.Setup#everyWay")
@interface EachWay {}
