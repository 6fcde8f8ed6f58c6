package org.socketserver.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** All that was measured so far, by scenario and contender in the order in which they came. */
final class Results {
    private final Map<String, Scenario> scenarios = new LinkedHashMap<>();
    private final Map<String, Map<String, Cell>> cells = new LinkedHashMap<>();

    /** Gives the cell of a scenario and a contender; makes it if it is new. */
    Cell cell(Scenario scenario, String contender) {
        scenarios.putIfAbsent(scenario.name(), scenario);
        return cells.computeIfAbsent(scenario.name(), name -> new LinkedHashMap<>())
                .computeIfAbsent(contender, name -> new Cell());
    }

    List<Scenario> scenarios() {
        return List.copyOf(scenarios.values());
    }

    List<String> contenders(Scenario scenario) {
        return new ArrayList<>(cells.getOrDefault(scenario.name(), Map.of()).keySet());
    }

    /** Gives the cell of what has been measured; empty if it has not. */
    Optional<Cell> find(String scenario, String contender) {
        return Optional.ofNullable(cells.getOrDefault(scenario, Map.of()).get(contender))
                .filter(cell -> !cell.isEmpty());
    }

    /** Tells the best median of a scenario, such as its capacity. */
    OptionalDouble best(String scenario) {
        return cells.getOrDefault(scenario, Map.of()).values().stream()
                .filter(cell -> !cell.isEmpty())
                .mapToDouble(Cell::median)
                .max();
    }

    /** Tells the rate that an open loop asked for; empty for other scenarios. */
    OptionalDouble asked(Scenario scenario) {
        return cells.getOrDefault(scenario.name(), Map.of()).values().stream()
                .flatMap(cell -> cell.measurements().stream())
                .mapToDouble(Measurement::asked)
                .filter(rate -> !Double.isNaN(rate))
                .findFirst();
    }
}
