package org.socketserver.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScenariosTest {
    @Test
    void targetsNameExistingScenariosAndContenders() {
        for (Target target : Target.all()) {
            List<String> contenders =
                    Scenarios.named(target.scenario()).orElseThrow().contenders();
            assertTrue(contenders.contains(target.ours()), target.toString());
            assertTrue(contenders.containsAll(target.others()), target.toString());
        }
        for (Scenario quick : Scenarios.quick()) {
            assertFalse(quick.contenders().isEmpty(), quick.name());
        }
    }

    @Test
    void scenariosWithManyLongConnectionsArePrecededByOthers() {
        List<String> preceded = Scenarios.all().stream()
                .filter(each -> each.otherConnections() > 0)
                .map(Scenario::name)
                .toList();
        assertEquals(
                List.of(
                        "echo64-64",
                        "echo64-1000",
                        "echo16k-64",
                        "pipelined",
                        "open-25",
                        "open-50",
                        "open-75",
                        "open-90",
                        "unix64-64",
                        "tls64-64",
                        "tls16k-64",
                        "tls-idle-2000"),
                preceded);
    }

    @Test
    void aLowLimitOfOpenFilesReducesTheConnectionsAndIsMentioned() {
        Scenario idle = Scenarios.named("idle-15000").orElseThrow();
        assertEquals(idle, idle.within(20_000));
        Scenario fewer = idle.within(1_024);
        assertEquals(824, fewer.connections());
        assertTrue(fewer.about().contains("1024 files"), fewer.about());
    }
}
