package io.mooring.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, and how devices and operators are told. */
class RefusalsIT {
    private static TestCloud cloud;
    private static int devices;

    private String id = "";

    @BeforeAll
    static void start() throws Exception {
        cloud = TestCloud.start();
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @BeforeEach
    void anotherDevice() {
        id = "REFUSE%04d".formatted(devices++);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"id\":\"short\"}", "{\"id\":\"DEVICE9999\",\"x\":\"\\u0000\"}"})
    void refusesRegistrationsItCannotRead(String body) throws Exception {
        Person.Answer answer =
                cloud.anybody().showing("bearer " + cloud.productToken()).post("/device/register", body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(Facts.names(answer.json())).containsExactly("error");
    }

    @Test
    void refusesBadRequestsForCertificates() throws Exception {
        String token = cloud.join(id);

        assertThat(cloud.provision(id, token, TestKeys.request("OTHER00000")).status())
                .isEqualTo(422);
        assertThat(cloud.provision(id, token, "nonsense").status()).isEqualTo(422);
        assertThat(cloud.provision(id, "wrong", "").status()).isEqualTo(401);
        assertThat(cloud.anybody()
                        .showing("bearer " + token)
                        .post("/tok/device/provision", "{\"id\":\"OTHER00000\"}")
                        .status())
                .isEqualTo(404);
        assertThat(cloud.outbox().refusals("wrong_subject")).isNotEmpty();
        assertThat(cloud.outbox().registry(id).path("certificates")).isEmpty();
    }

    @Test
    void tellsAnAgentInPlainTextToRegisterAgain() throws Exception {
        String token = cloud.join(id);
        Person.Answer wrongToken =
                cloud.anybody().showing("bearer wrong").post("/tok/provision/update", "{\"id\":\"" + id + "\"}");
        Person.Answer wrongId =
                cloud.anybody().showing("bearer " + token).post("/tok/provision/update", "{\"id\":\"OTHER00000\"}");

        assertThat(wrongToken.status()).isEqualTo(401);
        assertThat(wrongToken.type()).startsWith("text/plain");
        assertThat(wrongToken.text()).isEqualTo("Authentication failed");
        assertThat(wrongId.status()).isEqualTo(404);
        assertThat(wrongId.text()).isEqualTo("Cannot find device");
    }

    @Test
    void numbersAuditRecordsWithoutAGap() throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                callers.submit(() -> cloud.operator().get("/api/v1/devices"));
            }
        }

        List<Long> numbers = cloud.outbox().auditNumbers();

        assertThat(numbers).hasSizeGreaterThanOrEqualTo(20);
        assertThat(numbers)
                .isEqualTo(LongStream.range(numbers.getFirst(), numbers.getFirst() + numbers.size())
                        .boxed()
                        .toList());
    }

    @Test
    void refusesWhatIsTooLarge() throws Exception {
        Person.Answer answer = cloud.anybody()
                .showing("bearer " + cloud.productToken())
                .post("/device/register", "{\"x\":\"" + "x".repeat(40_000) + "\"}");

        assertThat(answer.status()).isEqualTo(413);
        assertThat(Facts.names(answer.json())).containsExactly("error");
    }

    @Test
    void asksOperatorsWhoTheyAre() throws Exception {
        String basic = Base64.getEncoder()
                .encodeToString(
                        ("operator:" + cloud.stack().secrets().operatorPassword()).getBytes(StandardCharsets.UTF_8));

        assertThat(cloud.anybody().get("/api/v1/devices").status()).isEqualTo(401);
        assertThat(cloud.anybody()
                        .showing("Bearer wrong")
                        .get("/api/v1/devices")
                        .field("code"))
                .isEqualTo("unauthorized");
        assertThat(cloud.anybody()
                        .showing("Basic b3BlcmF0b3I6d3Jvbmc=")
                        .get("/api/v1/devices")
                        .status())
                .isEqualTo(401);
        assertThat(cloud.anybody()
                        .showing("Basic " + basic)
                        .get("/api/v1/devices")
                        .status())
                .isEqualTo(200);
        assertThat(cloud.anybody()
                        .showing("bearer " + cloud.productToken())
                        .get("/api/v1/devices")
                        .status())
                .isEqualTo(401);
        assertThat(cloud.operator().get("/api/v1/nothing").type()).isEqualTo("application/problem+json");
    }

    @Test
    void answersPlainHttpOnTheMachineItselfOnly() throws Exception {
        Optional<InetAddress> outside = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst();
        int port = cloud.stack().ports().provisioning();
        assertThat(cloud.operator()
                        .at("http://127.0.0.1:" + port)
                        .get("/api/v1/devices")
                        .status())
                .isEqualTo(200);
        assumeTrue(outside.isPresent(), "SKIPPED: this machine has no address but loopback");

        Person neighbour = Person.from(cloud.stack(), outside.get())
                .at("http://" + outside.get().getHostAddress() + ":" + port);

        assertThat(neighbour.get("/q/health/ready").status()).isEqualTo(200);
        assertThat(neighbour
                        .showing("Bearer " + cloud.stack().secrets().operatorToken())
                        .get("/api/v1/devices")
                        .field("code"))
                .isEqualTo("not_secure");
        assertThat(neighbour
                        .showing("bearer " + cloud.productToken())
                        .post("/device/register", "{\"id\":\"" + id + "\"}")
                        .text())
                .isEqualTo("{\"error\":\"use https\"}");
    }

    @Test
    void slowsDownWhoeverGuesses() throws Exception {
        Person guesser =
                Person.from(cloud.stack(), InetAddress.getByName("127.0.0.9")).showing("bearer wrong");

        Set<Integer> statuses = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            statuses.add(
                    guesser.post("/device/register", "{\"id\":\"" + id + "\"}").status());
        }

        assertThat(statuses).containsExactlyInAnyOrder(401, 429);
        assertThat(cloud.register(id, "{\"id\":\"%s\"}").status()).isEqualTo(200);
    }
}
