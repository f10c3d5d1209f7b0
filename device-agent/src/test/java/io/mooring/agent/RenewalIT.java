package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device keeps a certificate that is good, whatever its life and whatever goes wrong. */
@Timeout(120)
class RenewalIT extends JoinedDevices {
    private static final Duration SHORT = Duration.ofSeconds(5);

    private long renewals() {
        return events.stream()
                .filter(AgentEvent.CertificateRenewed.class::isInstance)
                .count();
    }

    private List<AgentState> states() {
        return events.stream()
                .filter(AgentEvent.StateChanged.class::isInstance)
                .map(event -> ((AgentEvent.StateChanged) event).state())
                .toList();
    }

    @Test
    void renewsInTimeWithANewKeyLosingNothingAndStayingConnected() throws Exception {
        cloud.life = SHORT;
        DeviceAgent agent = ready(config().renewAt(0.3).build());
        String firstKey = Files.readString(agent.folder().resolve("key.pem"));
        events.clear();

        int written = 0;
        while (renewals() < 2) {
            agent.rows().put("Reading", Map.of("id", "r" + written, "value", written));
            cloud.write(agent.id(), "Reading", "reading#down" + written, Map.of("id", "down" + written, "value", 1));
            written++;
            int rows = written;
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(agent.rows().query("SELECT sk FROM reading"))
                            .hasSize(2 * rows));
        }
        untilNothingWaits(agent);

        int all = written;
        assertThat(cloud.rows(agent.id()).keySet().stream().filter(key -> key.matches("reading#r\\d+")))
                .hasSize(all);
        assertThat(states()).doesNotContain(AgentState.CONNECTING, AgentState.PROVISIONING);
        assertThat(cloud.renewed).contains(agent.id());
        assertThat(cloud.broker.admitted.stream().map(X509Certificate::getPublicKey))
                .hasSizeGreaterThanOrEqualTo(3)
                .doesNotHaveDuplicates();
        assertThat(Files.readString(agent.folder().resolve("key.pem"))).isNotEqualTo(firstKey);
        // Another renewal may be under way.
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(agent.folder().resolve("membership.next.json"))
                        .doesNotExist());
        // It connects by the new one from now on.
        X509Certificate latest = cloud.broker.admitted.getLast();
        close(agent);
        cloud.life = Duration.ofDays(1);
        ready(config().build());
        assertThat(cloud.broker.admitted.getLast().getNotBefore()).isAfterOrEqualTo(latest.getNotBefore());
    }

    @Test
    void keepsTheOldCertificateUntilANewOneProvesGood() throws Exception {
        cloud.life = Duration.ofSeconds(60);
        DeviceAgent agent = ready(config().renewAt(0.02).build());
        X509Certificate first = cloud.broker.admitted.getLast();
        cloud.refusesNewCertificates = true;

        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(cloud.broker.refusedCertificates).hasSizeGreaterThan(1));
        assertThat(renewals()).isZero();
        assertThat(cloud.broker.admitted).containsOnly(first);
        String key = agent.rows().put("Reading", Map.of("id", "meanwhile", "value", 1));
        untilCloudHas(agent, key, "value", 1);

        // Nor does a restart with a successor that is refused strand it.
        close(agent);
        DeviceAgent again = ready(config().renewAt(0.02).build());
        assertThat(cloud.broker.admitted).containsOnly(first);

        cloud.refusesNewCertificates = false;
        cloud.broker.refusedCertificates.clear();
        await().atMost(SOON).until(() -> renewals() > 0);
        assertThat(again.await(AgentState.READY, SOON)).isTrue();
        assertThat(cloud.broker.admitted.getLast()).isNotEqualTo(first);
    }

    @Test
    void provesASuccessorThatWaitedWhenItWasKilled() throws Exception {
        cloud.life = Duration.ofSeconds(60);
        cloud.refusesNewCertificates = true;
        cloud.broker.refused.clear();
        DeviceAgent agent = run(config().renewAt(0.02).build());
        // Not even the first is let in; the second waits beside it.
        await().atMost(SOON).until(() -> Files.exists(agent.folder().resolve("membership.next.json")));
        close(agent);
        cloud.refusesNewCertificates = false;
        cloud.broker.refusedCertificates.clear();

        ready(config().renewAt(0.9).build());

        assertThat(renewals()).isEqualTo(1);
        assertThat(agent.folder().resolve("membership.next.json")).doesNotExist();
    }

    @Test
    void comesBackByItselfAfterItsCertificateExpired() throws Exception {
        cloud.life = Duration.ofSeconds(2);
        DeviceAgent agent = ready(config().renewAt(0.9).build());
        String id = agent.id();
        close(agent);
        awaitExpiry(agent);
        cloud.life = Duration.ofDays(1);
        cloud.renewed.clear();
        cloud.requests.clear();

        DeviceAgent again = ready(config().build());

        assertThat(again.id()).isEqualTo(id);
        assertThat(cloud.renewed).containsExactly(id);
        assertThat(cloud.requests).doesNotContain("/device/register");
    }

    @Test
    void comesBackFromAnOldCopyWhoseCertificateTheCloudKnowsNoMore() throws Exception {
        DeviceAgent agent = ready(config().build());
        String id = agent.id();
        close(agent);
        cloud.forgetCertificates(id);
        cloud.requests.clear();

        DeviceAgent again = ready(config().build());

        assertThat(again.id()).isEqualTo(id);
        assertThat(cloud.requests).doesNotContain("/device/register");
    }

    @Test
    void keepsAskingAndKeepsItsKeyAfterTheGracePeriod() throws Exception {
        cloud.life = Duration.ofSeconds(2);
        DeviceAgent agent = ready(config().renewAt(0.9).build());
        close(agent);
        awaitExpiry(agent);
        cloud.inGrace = false;
        cloud.requests.clear();
        events.clear();

        DeviceAgent again = run(config().build());
        await().atMost(SOON)
                .until(() -> cloud.requests.stream()
                                .filter("/tok/device/provision"::equals)
                                .count()
                        >= 2);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(events)
                        .anySatisfy(event -> assertThat(event.toString()).contains("claim it anew")));
        assertThat(cloud.requests).doesNotContain("/device/register");

        cloud.inGrace = true;
        cloud.life = Duration.ofDays(1);
        assertThat(again.await(AgentState.READY, SOON)).isTrue();
    }

    /** Also of one that it was renewing to when it was closed. */
    private void awaitExpiry(DeviceAgent device) throws Exception {
        X509Certificate last = cloud.lastIssued(device.id());
        assertThat(Files.exists(device.folder().resolve("key.pem"))).isTrue();
        await().atMost(SOON)
                .until(() -> Instant.now().isAfter(last.getNotAfter().toInstant()));
    }
}
