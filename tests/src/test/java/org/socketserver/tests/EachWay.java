package org.socketserver.tests;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs all tests of a class for every transport and every way to run requests, in worker processes too.
 *
 * <p>For handlers that are classes and share nothing with the test: what they do is asked for and told over the wire, as {@link
 * ObedientHandler} does. A test whose handler is a lambda, or waits for a latch of the test, takes {@link EachSetup}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@MethodSource("org.socketserver.tests.Setup#everyWay")
@interface EachWay {}
