package org.socketserver.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A server to measure.
 *
 * @param name short name, for the command line and the tables
 * @param about what it is, in words
 * @param missing why it can't run on this machine; empty if it can
 * @param command gives the command that starts it for a scenario, with its Unix socket, if it needs one, at the path
 */
record Contender(String name, String about, String missing, BiFunction<Scenario, Path, List<String>> command) {
    boolean isHere() {
        return missing.isEmpty();
    }
}
