package org.socketserver.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** All results so far, by scenario and contender, in the order in which they were added. */
final class Results {
    private final Map<String, Scenario> scenarios = new LinkedHashMap<>();
    private final Map<String, Map<String, Cell>> cells = new LinkedHashMap<>();

    /** Returns the cell of a scenario and a contender; creates it if necessary. */
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

    /** Returns the cell of a scenario and a contender; empty if nothing was measured. */
    Optional<Cell> find(String scenario, String contender) {
        return Optional.ofNullable(cells.getOrDefault(scenario, Map.of()).get(contender))
                .filter(cell -> !cell.isEmpty());
    }

    /** Returns the highest median of a scenario. */
    OptionalDouble best(String scenario) {
        return cells.getOrDefault(scenario, Map.of()).values().stream()
                .filter(cell -> !cell.isEmpty())
                .mapToDouble(Cell::median)
                .max();
    }

    /** Returns the requested rate of an open loop; empty for other scenarios. */
    OptionalDouble asked(Scenario scenario) {
        return cells.getOrDefault(scenario.name(), Map.of()).values().stream()
                .flatMap(cell -> cell.measurements().stream())
                .mapToDouble(Measurement::asked)
                .filter(rate -> !Double.isNaN(rate))
                .findFirst();
    }
}
