package org.socketserver.fuzz;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * A class with one fuzz test, which has a JVM of its own. It is skipped if Jazzer has no native libraries for this
 * platform. A failure says how to repeat it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({Fuzzed.OnSupportedPlatform.class, Fuzzed.HowToRepeat.class})
public @interface Fuzzed {
    /** Looks for the native library of Jazzer's driver. */
    final class OnSupportedPlatform implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
            String system = name.startsWith("mac") ? "macos" : name.startsWith("windows") ? "windows" : name;
            String processor = System.getProperty("os.arch").replace("amd64", "x86_64");
            String folder = "jazzer_driver_" + system + "_" + processor + "/";
            String library = System.mapLibraryName("jazzer_driver");
            return getClass().getResource("/com/code_intelligence/jazzer/driver/" + folder + library) != null
                    ? ConditionEvaluationResult.enabled("Jazzer supports this platform")
                    : ConditionEvaluationResult.disabled(
                            "Jazzer has no native libraries for " + name + " on " + System.getProperty("os.arch"));
        }
    }

    /** Adds the files with failing inputs, and what to do with them. */
    final class HowToRepeat implements TestExecutionExceptionHandler {
        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
            Class<?> test = context.getRequiredTestClass();
            String inputs = "fuzz/src/test/resources/" + test.getName().replace('.', '/') + "Inputs/"
                    + context.getRequiredTestMethod().getName();
            throw new AssertionError(
                    test.getSimpleName() + " failed with input " + context.getDisplayName()
                            + "; new inputs of this run, of all fuzz tests: " + found()
                            + ". To repeat it, move a new input to " + inputs + " and run"
                            + " mvn verify -pl fuzz -am -Dgates.skip -Dsurefire.failIfNoSpecifiedTests=false -Dtest="
                            + test.getSimpleName(),
                    failure);
        }

        private static List<Path> found() throws IOException {
            long started = ManagementFactory.getRuntimeMXBean().getStartTime();
            try (Stream<Path> files = Files.list(Path.of("").toAbsolutePath())) {
                return files.filter(file -> file.getFileName().toString().matches("(crash|timeout|oom)-.*"))
                        .filter(file -> file.toFile().lastModified() >= started)
                        .toList();
            }
        }
    }
}
