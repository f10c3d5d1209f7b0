package io.mooring.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Whatever is killed, no certificate exists that the database does not know. */
class CrashIT {
    private static final int KILLS = 2;
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);
    private static final int CALLERS = 4;

    @Test
    void knowsEveryCertificateAfterAnyCrash() throws Exception {
        try (Devstack stack = Devstack.builder()
                .brief()
                .with(Component.CERTIFICATE_AUTHORITY)
                .environment(Component.CERTIFICATE_AUTHORITY, Map.of("MOORING_CERTIFICATES_INTENT_TIMEOUT", "4s"))
                .start()) {
            Set<String> received = ConcurrentHashMap.newKeySet();
            AtomicBoolean enough = new AtomicBoolean();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < CALLERS; i++) {
                    String device = "DEVICE000" + i;
                    var _ = threads.submit(() -> issueUntil(enough, stack, device, received));
                }
                try {
                    killEachWhileBusy(stack, received);
                } finally {
                    enough.set(true);
                }
            }
            // What a crash cut off is given up while the service runs.
            await().atMost(Duration.ofSeconds(60)).until(() -> !states(stack).containsValue("intended"));

            Map<String, String> states = states(stack);
            assertThat(states.keySet()).containsAll(received);
            assertThat(received)
                    .allSatisfy(serial -> assertThat(states.get(serial)).isEqualTo("issued"));
            assertThat(states.values()).isSubsetOf("issued", "revoked");
        }
    }

    private static void killEachWhileBusy(Devstack stack, Set<String> received) {
        for (int kill = 0; kill < KILLS; kill++) {
            int before = received.size();
            await().atMost(Duration.ofSeconds(60)).until(() -> received.size() > before + 20);
            stack.kill(kill == 1 ? Component.POSTGRESQL : Component.CERTIFICATE_AUTHORITY);
        }
        int before = received.size();
        await().atMost(Duration.ofSeconds(60)).until(() -> received.size() > before);
        stack.awaitReady(Component.POSTGRESQL);
        stack.awaitReady(Component.CERTIFICATE_AUTHORITY);
    }

    private static void issueUntil(AtomicBoolean enough, Devstack stack, String device, Set<String> received) {
        Client caller = new Client(
                stack.url(Component.CERTIFICATE_AUTHORITY),
                stack.secrets().serviceToken("provisioning", "certificates"));
        while (!enough.get()) {
            try {
                Client.Answer answer = caller.deviceCertificate("main", device, "");
                if (answer.status() == 200) {
                    received.add(answer.text("serial"));
                }
            } catch (IOException _) {
                // It is being started again, and needs the processors for that more than we do to ask again.
                LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
            } catch (Exception bug) {
                throw new IllegalStateException(bug);
            }
        }
    }

    private static Map<String, String> states(Devstack stack) throws Exception {
        Map<String, String> states = new HashMap<>();
        try (Connection connection = stack.connection("mooring_certificates");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select serial, state from certificates.certificate")) {
            while (rows.next()) {
                states.put(rows.getString(1), rows.getString(2));
            }
        }
        return states;
    }
}
