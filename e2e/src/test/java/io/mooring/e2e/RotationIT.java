package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.agent.AgentConfig;
import io.mooring.agent.AgentEvent;
import io.mooring.agent.AgentState;
import io.mooring.agent.DeviceAgent;
import io.mooring.agent.Schemas;
import io.mooring.devstack.launcher.Component;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Authorities and server certificates change while devices are connected; no device and no process notices. */
@ExtendWith(WholeCloud.class)
@Order(Integer.MAX_VALUE - 1)
@ResourceLock(WholeCloud.PROCESSES)
class RotationIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    /** Who else serves the servers' certificate. */
    private static final List<Component> SERVED_BY = List.of(
            Component.PROVISIONING,
            Component.FILES,
            Component.MESSAGING,
            Component.METRICS,
            Component.LOGS,
            Component.AUDIT);

    private final CloudAccess cloud;
    private final LocalCloud stack;

    RotationIT(CloudAccess cloud, LocalCloud stack) {
        this.cloud = cloud;
        this.stack = stack;
    }

    @Test
    void authoritiesAndServerCertificateChangeUnderConnectedDevices(@TempDir Path folder) throws Exception {
        String product;
        try (OperatorApi operator = new OperatorApi(cloud)) {
            product = operator.createProduct("rotation");
        }
        List<AgentEvent> ofRenewing = new CopyOnWriteArrayList<>();
        List<AgentEvent> ofStaying = new CopyOnWriteArrayList<>();
        try (DeviceAgent renewing = DeviceAgent.open(config(product, folder.resolve("renewing")), ofRenewing::add);
                DeviceAgent staying = DeviceAgent.open(config(product, folder.resolve("staying")), ofStaying::add);
                DeviceAgent joining = DeviceAgent.open(config(product, folder.resolve("joining")), event -> {})) {
            for (DeviceAgent device : List.of(renewing, staying)) {
                assertThat(device.start().await(AgentState.READY, SOON)).isTrue();
            }
            long broker = stack.pid(Component.BROKER);
            String issuerBefore = issuer(renewing);
            byte[] brokerBefore = served(Component.BROKER);
            ofRenewing.clear();
            ofStaying.clear();

            Set<String> seen = ConcurrentHashMap.newKeySet();
            List<IOException> turnedAway = new CopyOnWriteArrayList<>();
            AtomicBoolean looking = new AtomicBoolean(true);
            Thread onlooker = Thread.ofVirtual().start(() -> look(looking, seen, turnedAway));

            rotate("clouds/main", "provisioning");
            rotate("servers", "launcher");
            // A server certificate that is gone is made anew.
            Files.delete(stack.folder().resolve("tls/server.pem"));
            renewing.renewCertificate();

            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(ofRenewing).anyMatch(AgentEvent.CertificateRenewed.class::isInstance));
            assertThat(issuer(renewing)).isNotEqualTo(issuerBefore);
            // The broker saw the new one used: the old one is none any more.
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(certificatesOf(renewing.id())).isOne());
            assertThat(joining.start().await(AgentState.READY, SOON)).isTrue();
            assertThat(issuer(joining)).isEqualTo(issuer(renewing));
            // Who asks the broker in the very moment of the change may have to ask again.
            await().atMost(SOON)
                    .ignoreExceptionsInstanceOf(SSLException.class)
                    .untilAsserted(() -> assertThat(served(Component.BROKER)).isNotEqualTo(brokerBefore));
            for (Component other : SERVED_BY) {
                await().atMost(SOON)
                        .ignoreExceptionsInstanceOf(SSLException.class)
                        .untilAsserted(() -> assertThat(served(other)).isEqualTo(served(Component.BROKER)));
            }
            looking.set(false);
            onlooker.join();
            assertThat(turnedAway).isEmpty();
            assertThat(seen).hasSizeGreaterThan(1);
            assertThat(moves(ofStaying)).isEmpty();
            assertThat(moves(ofRenewing)).doesNotContain(AgentState.CONNECTING);

            // By the certificate of the authority that was, to the server of the authority that is.
            for (DeviceAgent device : List.of(renewing, staying, joining)) {
                device.goOffline();
                assertThat(device.await(AgentState.OFFLINE, SOON)).isTrue();
                device.goOnline();
                assertThat(device.await(AgentState.READY, SOON)).isTrue();
            }
            assertThat(issuer(staying)).isEqualTo(issuerBefore);
            assertThat(stack.pid(Component.BROKER)).isEqualTo(broker);
        }
    }

    private AgentConfig config(String product, Path folder) throws Exception {
        return AgentConfig.of(cloud.deviceApi(), product, folder)
                .owner("main", "main")
                .authority(cloud.authority())
                .schema(Schemas.demo())
                .retries(Duration.ofMillis(200), Duration.ofSeconds(2))
                .build();
    }

    private void rotate(String whose, String client) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        stack.innerUrl(Component.CERTIFICATE_AUTHORITY) + "/v1/" + whose + "/authority/rotation"))
                .header("Authorization", "Bearer " + stack.secrets().serviceToken(client, "certificates"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"activeAfterSeconds\":0}"))
                .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
        }
    }

    /** How many certificates a device may connect with. */
    private long certificatesOf(String device) throws Exception {
        try (Connection connection = stack.connection("postgres");
                PreparedStatement statement = connection.prepareStatement(
                        "select count(*) from provisioning.device_certificate where device = ?")) {
            statement.setString(1, device);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private static List<AgentState> moves(List<AgentEvent> events) {
        return events.stream()
                .filter(AgentEvent.StateChanged.class::isInstance)
                .map(event -> ((AgentEvent.StateChanged) event).state())
                .toList();
    }

    /** A device's certificate, as its agent keeps it. */
    static X509Certificate certificate(DeviceAgent device) throws Exception {
        String pem = JsonMapper.builder()
                .build()
                .readTree(device.folder().resolve("membership.json").toFile())
                .path("certificate")
                .asText();
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Tells by whose key a device's certificate is signed. */
    private static String issuer(DeviceAgent device) throws Exception {
        // RFC 5280, section 4.2.1.1
        return HexFormat.of().formatHex(certificate(device).getExtensionValue("2.5.29.35"));
    }

    /** Connects to the devices' API again and again. */
    private void look(AtomicBoolean goesOn, Set<String> seen, List<IOException> turnedAway) {
        while (goesOn.get()) {
            try {
                seen.add(HexFormat.of().formatHex(served(Component.PROVISIONING)));
                Thread.sleep(BETWEEN_LOOKS);
            } catch (IOException failed) {
                turnedAway.add(failed);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The certificate that a component serves now. */
    private byte[] served(Component component) throws Exception {
        List<byte[]> seen = new CopyOnWriteArrayList<>();
        X509TrustManager looking = new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
                seen.add(chain[0].getEncoded());
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {looking}, null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("localhost", stack.port(component))) {
            socket.startHandshake();
        }
        return seen.getFirst();
    }
}
