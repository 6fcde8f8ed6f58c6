package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.TestInfo;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.TestGrading;
import org.openjdk.jcstress.infra.runners.ForkedTestConfig;
import org.openjdk.jcstress.infra.runners.Runner;
import org.openjdk.jcstress.infra.runners.TestConfig;
import org.openjdk.jcstress.infra.runners.TestList;
import org.openjdk.jcstress.os.AffinityMode;
import org.openjdk.jcstress.os.NodeType;
import org.openjdk.jcstress.os.SchedulingClass;

/**
 * Races that decide state have one winner. The races are jcstress tests in the packages they test, in classes named
 * {@code ...Races}.
 */
@Tag("quiet")
class RacesTest {
    private static final Pattern SUMMARY = Pattern.compile(
            "\\(Results: (\\d+) planned; (\\d+) passed, 0 failed, 0 soft errs, 0 hard errs\\)\\s+RUN RESULTS:");

    @Test
    void everyRaceHasOneWinner() throws Exception {
        ChildJvm.Result result = ChildJvm.run(ShortRound.class, List.of("-XX:TieredStopAtLevel=4"));
        assertEquals(0, result.exit(), result::output);
    }

    /** Runs them interpreted, compiled by C1 and by C2 in all combinations, and with C2's choices randomized. */
    @Test
    @Tag("exhaustive")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void everyRaceHasOneWinnerHoweverItIsCompiled() throws Exception {
        // In a folder of its own, because jcstress writes to its working directory.
        ChildJvm.Result result = ChildJvm.run(
                "mkdir -p target/jcstress && cd target/jcstress",
                Main.class,
                List.of(),
                List.of("-iters", "3", "-time", "100", "-f", "1", "-fsm", "1"));
        assertEquals(0, result.exit(), result::output);
        Matcher summary = SUMMARY.matcher(result.output());
        assertTrue(summary.find(), result::output);
        assertEquals(summary.group(1), summary.group(2));
        assertTrue(Integer.parseInt(summary.group(1)) >= TestList.tests().size(), summary::group);
    }

    /**
     * Runs each race briefly in this JVM. {@link Main} starts 25 JVMs only to probe the machine and the JVM, and one
     * more for each race.
     */
    static final class ShortRound {
        private ShortRound() {}

        public static void main(String[] args) throws Exception {
            // In small batches and with yields. Otherwise one thread always comes first on a busy machine.
            String arguments = "-iters 1 -time 200 -strideSize 8 -strideCount 10 -spinStyle THREAD_YIELD";
            Options options = new Options(arguments.split(" "));
            options.parse();
            boolean passed = !TestList.tests().isEmpty();
            for (String name : TestList.tests()) {
                passed &= passes(TestList.getInfo(name), options);
            }
            System.exit(passed ? 0 : 1);
        }

        private static boolean passes(TestInfo test, Options options) throws ReflectiveOperationException {
            SchedulingClass anywhere = new SchedulingClass(AffinityMode.NONE, test.threads(), NodeType.PACKAGE);
            TestConfig config = new TestConfig(options, test, 0, List.of(), 0, anywhere);
            Constructor<?> runner = Class.forName(test.generatedRunner()).getConstructor(ForkedTestConfig.class);
            TestResult result = ((Runner<?>) runner.newInstance(new ForkedTestConfig(config))).run();
            result.setConfig(config);
            TestGrading grading = TestGrading.grade(result);
            Map<String, Long> outcomes = new TreeMap<>();
            result.getStateKeys().forEach(outcome -> outcomes.put(outcome, result.getCount(outcome)));
            System.out.println(test.name() + ": " + result.status() + result.getMessages() + " " + outcomes + " "
                    + grading.failureMessages);
            return result.status() == Status.NORMAL && result.getTotalCount() > 0 && grading.isPassed;
        }
    }
}
