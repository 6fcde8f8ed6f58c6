package org.socketserver.mixins;

import java.lang.management.ManagementFactory;

/** Makes what runs in worker processes count as covered, when the coverage of the tests is measured. */
final class WorkerCoverage {
    private WorkerCoverage() {}

    /**
     * Gives workers the JaCoCo agent that this JVM has, if it has one. They append to the same file, which the agent locks while
     * it writes; a worker that is killed tells nothing.
     */
    static ForkingMixIn of(ForkingMixIn mixIn) {
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-javaagent:") && option.contains("jacoco") && option.contains("="))
                .forEach(option -> mixIn.workerOption(option + ",append=true,includes=org.socketserver.mixins.*"));
        return mixIn;
    }
}
