package org.socketserver.mixins;

import java.lang.management.ManagementFactory;

/** Includes worker processes in the measured test coverage. */
final class WorkerCoverage {
    private WorkerCoverage() {}

    /**
     * Passes the JaCoCo agent of this JVM, if any, to the workers. They append to the same file, which the agent locks
     * while it writes. A worker that is killed writes nothing.
     */
    static ForkingMixIn of(ForkingMixIn mixIn) {
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-javaagent:") && option.contains("jacoco") && option.contains("="))
                .forEach(option -> mixIn.workerOption(option + ",append=true,includes=org.socketserver.mixins.*"));
        return mixIn;
    }
}
