package io.mooring.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of the house (docs/architecture.md): who may use whom, and how a service looks inside. */
class ArchitectureTest {
    private static final List<String> ROOMS = List.of(
            "contracts",
            "mqtt-bridge",
            "device-agent",
            "services/chassis",
            "services/provisioning",
            "services/certificate-authority",
            "services/sync",
            "services/files",
            "services/messaging",
            "services/audit",
            "services/metrics",
            "services/logs",
            "devstack/kafka",
            "devstack/connect",
            "devstack/broker",
            "devstack/launcher");
    private static final int MOST_LINES = 400;

    private static JavaClasses house;

    @BeforeAll
    static void read() {
        Path root = House.root();
        List<Path> compiled = ROOMS.stream()
                .map(room -> root.resolve(room).resolve("target/classes"))
                .toList();
        assertThat(compiled).allSatisfy(folder -> assertThat(folder).isDirectory());
        house = new ClassFileImporter().importPaths(compiled);
    }

    @Test
    void contractsUseNothingButTheJdk() {
        classes()
                .that()
                .resideInAPackage("io.mooring.contracts..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "javax.crypto..", "javax.net.ssl..", "io.mooring.contracts..", "org.jspecify..")
                .check(house);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bridge", "agent", "chassis"})
    void roomsMeetOnlyInContracts(String room) {
        usesNoOtherRoomThan(room, Set.of("contracts"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"provisioning", "certificates", "sync", "files", "messaging", "audit", "metrics", "logs"})
    void servicesMeetOnlyInContractsAndStandOnTheChassis(String service) {
        usesNoOtherRoomThan(service, Set.of("contracts", "chassis"));
    }

    private static void usesNoOtherRoomThan(String room, Set<String> others) {
        noClasses()
                .that()
                .resideInAPackage("io.mooring." + room + "..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "live in another room than " + others,
                        (JavaClass used) -> used.getPackageName().startsWith("io.mooring.")
                                && !others.contains(used.getPackageName().split("\\.")[2])
                                && !(used.getPackageName() + ".").startsWith("io.mooring." + room + ".")))
                .check(house);
    }

    /** Else it would decide something. */
    @Test
    void theChassisKnowsNoTopicAndNoTable() {
        noClasses()
                .that()
                .resideInAPackage("io.mooring.chassis..")
                .and()
                .doNotHaveSimpleName("TopicNames")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.mooring.contracts.kafka.Topic")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.sql.Statement.class)
                .check(house);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bridge", "agent"})
    void whatRunsBesideTheServicesKnowsNoQuarkus(String room) {
        noClasses()
                .that()
                .resideInAPackage("io.mooring." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..", "jakarta..", "org.eclipse.microprofile..", "io.smallrye..")
                .check(house);
    }

    @Test
    void theCoreOfAServiceIsPure() {
        classes()
                .that()
                .resideInAnyPackage(
                        "io.mooring.provisioning.core..",
                        "io.mooring.certificates.core..",
                        "io.mooring.sync.core..",
                        "io.mooring.files.core..",
                        "io.mooring.messaging.core..",
                        "io.mooring.audit.core..",
                        "io.mooring.metrics.core..",
                        "io.mooring.logs.core..")
                .should()
                .onlyDependOnClassesThat(JavaClass.Predicates.resideInAnyPackage(
                                "java.lang..",
                                "java.util..",
                                "java.time..",
                                "java.math..",
                                "java.text..",
                                "java.nio.charset..",
                                "java.net",
                                "java.security..",
                                "io.mooring.contracts..",
                                "io.mooring.provisioning.core..",
                                "io.mooring.certificates.core..",
                                "io.mooring.sync.core..",
                                "io.mooring.files.core..",
                                "io.mooring.messaging.core..",
                                "io.mooring.audit.core..",
                                "io.mooring.metrics.core..",
                                "io.mooring.logs.core..",
                                "com.datadoghq.sketch..",
                                "com.fasterxml.jackson.databind..",
                                "com.fasterxml.jackson.core..",
                                "org.bouncycastle..",
                                "org.jspecify..")
                        .or(JavaClass.Predicates.belongToAnyOf(
                                // Of java.io and java.nio what does none: an exception, and bytes in memory.
                                IOException.class, ByteArrayOutputStream.class, ByteBuffer.class)))
                .check(house);
    }

    @Test
    void theCoreOfAServiceKnowsNoClockAndNoChance() {
        ArchRule rule = noClasses()
                .that()
                .resideInAPackage("..core..")
                .should()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.util.UUID.class, "randomUUID")
                .orShould()
                .callConstructor(java.security.SecureRandom.class)
                .orShould()
                .callConstructor(java.util.Random.class);
        rule.check(house);
    }

    @ParameterizedTest
    @CsvSource({"db, http", "db, kafka", "http, kafka", "core, db", "core, http", "core, kafka"})
    void arrowsInsideAServicePointOneWay(String from, String to) {
        noClasses()
                .that()
                .resideInAnyPackage(packagesOfServices(from))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packagesOfServices(to))
                .allowEmptyShould(true)
                .check(house);
    }

    @Test
    void namesSayWhatAClassIsNotHowItIsMade() {
        noClasses()
                .that()
                .resideInAPackage("io.mooring..")
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameStartingWith("Abstract")
                .orShould()
                .resideInAnyPackage("..common..", "..util..", "..utils..", "..base..")
                .check(house);
    }

    @Test
    void everyPackageSaysWhatItIsForAndWhatMayBeNull() {
        classes()
                .that()
                .resideInAPackage("io.mooring..")
                .and()
                .areTopLevelClasses()
                .should(liveInANullMarkedPackage())
                .check(house);
    }

    @Test
    void noInterfaceHasJustOneImplementation() {
        classes()
                .that()
                .resideInAPackage("io.mooring..")
                .and()
                .areInterfaces()
                .and()
                .areNotAnnotations()
                .should(notHaveExactlyOneImplementation())
                .check(house);
    }

    @Test
    void noFileIsTooLongToRead() throws IOException {
        try (Stream<Path> files = Files.walk(House.root())) {
            List<String> tooLong = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/main/"))
                    .filter(file -> lines(file) > MOST_LINES)
                    .map(Path::toString)
                    .toList();
            assertThat(tooLong).isEmpty();
        }
    }

    private static String[] packagesOfServices(String part) {
        return Stream.of("provisioning", "certificates", "sync", "files", "messaging", "audit", "metrics", "logs")
                .map(service -> "io.mooring." + service + "." + part + "..")
                .toArray(String[]::new);
    }

    private static ArchCondition<JavaClass> liveInANullMarkedPackage() {
        return new ArchCondition<>("live in a package that is @NullMarked") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                boolean marked = item.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked");
                events.add(new SimpleConditionEvent(
                        item, marked, item.getPackageName() + " needs a package-info.java with @NullMarked"));
            }
        };
    }

    /** Configuration mappings are implemented by the framework, callbacks (one method) by lambdas too. */
    private static ArchCondition<JavaClass> notHaveExactlyOneImplementation() {
        return new ArchCondition<>("not have exactly one implementation") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                boolean generated = item.getAnnotations().stream()
                        .anyMatch(
                                annotation -> annotation.getRawType().getName().startsWith("io.smallrye.config")
                                        || annotation.getRawType().getName().contains("RestClient")
                                        || annotation.getRawType().getName().contains("RegisterRestClient"));
                boolean callback = item.getMethods().stream()
                                .filter(method -> method.getModifiers().contains(JavaModifier.ABSTRACT))
                                .count()
                        == 1;
                long implementations = item.getAllSubclasses().stream()
                        .filter(type -> !type.getModifiers().contains(JavaModifier.ABSTRACT))
                        .count();
                events.add(new SimpleConditionEvent(
                        item,
                        generated || callback || implementations != 1,
                        item.getName() + " has one implementation: use that instead"));
            }
        };
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
