package org.socketserver.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A server to measure.
 *
 * @param name short name, for the command line and the tables
 * @param about description for people
 * @param missing why it cannot run on this machine; empty if it can
 * @param command returns the command that starts it for a scenario; the path is that of its Unix socket, if it has one
 */
record Contender(String name, String about, String missing, BiFunction<Scenario, Path, List<String>> command) {
    boolean isHere() {
        return missing.isEmpty();
    }
}
