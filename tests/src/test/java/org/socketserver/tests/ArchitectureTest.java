package org.socketserver.tests;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packages use only the packages that docs/architecture.md lists above them. */
class ArchitectureTest {
    private static final String OURS = "org.socketserver.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            // The classes of tls-channel.
            .withImportOption(location -> !location.contains("/tls/internal/"))
            .importPaths(Stream.of("api", "tcp", "udp", "unix", "mixins", "proxy", "tls", "examples")
                    .map(module -> Path.of("..", module, "target", "classes"))
                    .toList());

    /** The second column lists the packages that the first may use besides itself. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            nullValues = "nothing",
            value = {
                "api.internal, nothing",
                "api, api.internal",
                "api.spi, api api.internal",
                "api.server, api api.internal api.spi",
                "tcp.., api..",
                "udp.., api..",
                "unix.., api..",
                "proxy.., api..",
                "mixins.., api..",
                "tls.., api.. tls.internal..",
                "mixins.forking.descriptor, api.. mixins",
                "mixins.forking.wire, api.. mixins mixins.forking.descriptor",
                "mixins.forking.worker, api.. mixins mixins.forking.wire mixins.forking.descriptor",
                "mixins.forking.parent, api.. mixins mixins.forking..",
                "examples.., api.. tcp udp unix mixins proxy tls"
            })
    void aPackageUsesOnlyPackagesBelowIt(String user, String used) {
        String[] allowed = Stream.concat(Stream.of(user), used == null ? Stream.of() : Arrays.stream(used.split(" ")))
                .map(name -> OURS + name)
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(OURS + user)
                .should()
                .onlyDependOnClassesThat(
                        not(resideInAPackage("org.socketserver..")).or(resideInAnyPackage(allowed)))
                .check(CLASSES);
    }

    /**
     * The values and exceptions of forking are in {@code mixins}, the only package of its module that users see. So
     * {@code mixins} uses the packages of forking, and these use such values, but nothing that leads back to them.
     */
    @Test
    void forkingUsesNothingOfMixinsThatUsesForking() {
        String forking = OURS + "mixins.forking..";
        noClasses()
                .that()
                .resideInAPackage(forking)
                .should()
                .dependOnClassesThat(resideInAPackage(OURS + "mixins").and(usesAnyOf(forking)))
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> usesAnyOf(String packages) {
        return DescribedPredicate.describe(
                "use " + packages,
                type -> type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(use -> resideInAPackage(packages).test(use.getTargetClass())));
    }

    /** Ignores the dependency of {@code mixins} on forking, which the test above bounds. */
    @Test
    void packagesHaveNoCycles() {
        slices().matching(OURS + "(**)")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(resideInAPackage(OURS + "mixins"), resideInAPackage(OURS + "mixins.forking.."))
                .check(CLASSES);
    }

    /** Users copy the demos. The command line is ours and may use internals. */
    @Test
    void theDemosUseExportedPackagesOnly() {
        noClasses()
                .that()
                .resideInAPackage(OURS + "examples..")
                .and()
                .resideOutsideOfPackage(OURS + "examples.cli")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(OURS + "api.internal", OURS + "mixins.forking..")
                .check(CLASSES);
    }
}
