package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device becomes a member of a cloud, and again after whatever ended that. */
@Timeout(120)
class MembershipIT extends JoinedDevices {
    @Test
    void theKeyNeverLeavesTheDeviceAndIsForItsOwnerAlone() throws Exception {
        DeviceAgent agent = ready(config().build());

        Path key = agent.folder().resolve("key.pem");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(agent.folder())))
                .isEqualTo("rwx------");
        assertThat(Files.readString(agent.folder().resolve("membership.json"))).doesNotContain("PRIVATE KEY");
        assertThatThrownBy(() -> DeviceAgent.open(config().build(), events::add))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("uses the data folder");
    }

    @Test
    void registersAgainWhenReleased() throws Exception {
        DeviceAgent agent = ready(config().build());
        String key = agent.rows().put("Reading", Map.of("id", "a", "value", 1));
        untilCloudHas(agent, key, "value", 1);
        cloud.tell(agent.id(), "provision/release", "1000");
        int before = cloud.requests.size();

        cloud.tell(agent.id(), "provision/release", Long.toString(System.currentTimeMillis()));

        await().atMost(SOON)
                .until(() -> cloud.requests
                        .subList(before, cloud.requests.size())
                        .containsAll(List.of("/device/register", "/tok/device/provision")));
        assertThat(agent.await(AgentState.READY, SOON)).isTrue();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cloud.catchUps.getLast()).startsWith("1970"));
    }

    @Test
    void rowsOfAnotherAccountArePutAside() throws Exception {
        DeviceAgent agent = ready(config().build());
        agent.rows().put("Reading", Map.of("id", "secret", "value", 1));
        untilNothingWaits(agent);
        cloud.account = "other";
        cloud.forgetRows(agent.id());
        cloud.tell(agent.id(), "provision/release", Long.toString(System.currentTimeMillis()));

        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(agent.rows().query("SELECT 1 FROM reading")).isEmpty());
        try (var files = Files.list(agent.folder())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.matches("device-main-\\d+\\.db"));
        }
    }

    @Test
    void getsANewCertificateAfterThreeFailedConnects() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.requests.clear();
        cloud.broker.refused.add(agent.id());
        agent.goOffline();
        assertThat(agent.await(AgentState.OFFLINE, SOON)).isTrue();
        agent.goOnline();

        await().atMost(SOON).until(() -> cloud.requests.contains("/tok/device/provision"));
        cloud.broker.refused.clear();
        assertThat(agent.await(AgentState.READY, SOON)).isTrue();
    }

    @Test
    void registersAgainIfItsTokenIsUnknown() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.broker.refused.add(agent.id());
        cloud.forget(agent.id());
        cloud.requests.clear();
        agent.goOffline();
        agent.goOnline();
        await().atMost(SOON).until(() -> cloud.requests.contains("/device/register"));
        cloud.broker.refused.clear();

        assertThat(agent.await(AgentState.READY, SOON)).isTrue();
    }

    @Test
    void waitsAsLongAsItIsBlocked() throws Exception {
        cloud.blocks.set(1);
        long start = System.nanoTime();

        ready(config().build());

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
        assertThat(events).anySatisfy(event -> assertThat(event.toString()).contains("blocked"));
    }

    @Test
    void hasAccessKeysThatAreGoodForAWhile() throws Exception {
        DeviceAgent agent = run(config().build());
        await().atMost(SOON).until(() -> agent.state() == AgentState.READY);

        AccessKeys.Key first = agent.accessKeys().current();
        assertThat(first.secret()).isEqualTo("secret");
        assertThat(first.toString()).doesNotContain("secret");
        assertThat(agent.accessKeys().current()).isSameAs(first);

        // Of another life as a member, the key is another.
        cloud.accessKeyLife = Duration.ofSeconds(3);
        cloud.tell(agent.id(), "provision/release", Long.toString(System.currentTimeMillis()));
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> !agent.accessKeys().current().sessionToken().equals(first.sessionToken()));
        AccessKeys.Key second = agent.accessKeys().current();

        // There is the next one before it ends.
        await().atMost(SOON).until(() -> !agent.accessKeys().current().id().equals(second.id()));
        assertThat(second.expires()).isAfter(Instant.now());
    }

    @Test
    void keepsItsAccessKeysInAFileForAwsTools() throws Exception {
        cloud.accessKeyLife = Duration.ofSeconds(3);
        DeviceAgent agent = ready(config().build());
        Path file = folder.resolve("credentials");
        Thread keeper = Thread.ofVirtual().start(new CredentialsFile(file, agent.accessKeys(), what -> {}));

        await().atMost(SOON).until(() -> Files.exists(file));
        String first = Files.readString(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(first)
                .matches("\\[default]\naws_access_key_id = KEY\\d+\naws_secret_access_key = secret\n"
                        + "aws_session_token = session of .*\nregion = local-1\n");
        await().atMost(SOON).until(() -> !Files.readString(file).equals(first));
        keeper.interrupt();
        keeper.join();
    }

    @Test
    void trustsNobodyButTheGivenAuthority() throws Exception {
        Path stranger = folder.resolve("stranger.pem");
        Files.writeString(stranger, TestAuthority.pem(new TestAuthority().root));

        DeviceAgent agent = run(config().authority(stranger).build());

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(events)
                        .anySatisfy(event -> assertThat(event.toString()).contains("PKIX")));
        assertThat(agent.state()).isEqualTo(AgentState.REGISTERING);
        assertThat(cloud.requests).isEmpty();
    }
}
