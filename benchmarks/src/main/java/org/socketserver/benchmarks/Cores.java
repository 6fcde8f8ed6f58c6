package org.socketserver.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The cores to which the server and the load generator are pinned.
 *
 * @param server number of the server's core
 * @param load number of the generator's core
 */
record Cores(int server, int load) {
    /**
     * Returns the first two cores that this process may use.
     *
     * @throws IOException if there is only one, because server and generator would compete for it
     */
    static Cores firstTwo() throws IOException {
        String list = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("0-1");
        List<Integer> all = numbers(list);
        if (all.size() < 2) {
            throw new IOException("two cores are needed, for the server and the load generator; available: " + list);
        }
        return new Cores(all.get(0), all.get(1));
    }

    /** Parses a list such as {@code 0-3,8}. */
    static List<Integer> numbers(String list) {
        List<Integer> all = new ArrayList<>();
        for (String part : list.split(",")) {
            String[] ends = part.split("-");
            int last = Integer.parseInt(ends[ends.length - 1]);
            for (int core = Integer.parseInt(ends[0]); core <= last; core++) {
                all.add(core);
            }
        }
        return all;
    }

    /** Returns the command that runs a command and its child processes on one core. */
    static List<String> pinned(int core, List<String> command) {
        List<String> all = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
        all.addAll(command);
        return all;
    }
}
