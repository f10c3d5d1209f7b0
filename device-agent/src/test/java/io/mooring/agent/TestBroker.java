package io.mooring.agent;

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.packets.auth.ModifiableDefaultPermissions;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.io.IOException;
import java.math.BigInteger;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A real broker with mutual TLS. Whoever has a certificate may connect under the name it bears. */
final class TestBroker implements AutoCloseable {
    final int port;
    /** Who is not let in. */
    final Set<String> refused = ConcurrentHashMap.newKeySet();
    /** Which certificates are not let in, by serial number. */
    final Set<BigInteger> refusedCertificates = ConcurrentHashMap.newKeySet();
    /** The certificates that were let in, in order. */
    final List<X509Certificate> admitted = new CopyOnWriteArrayList<>();
    /** What devices published below the prefix of basic ingest. */
    final Set<String> basicIngest = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private EmbeddedHiveMQ broker;

    TestBroker(Path folder, TestAuthority authority) throws IOException, GeneralSecurityException {
        this.folder = folder;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        for (String name : new String[] {"conf", "data", "extensions"}) {
            Files.createDirectories(folder.resolve(name));
        }
        Path keys = folder.resolve("keys.p12");
        Path trust = folder.resolve("trust.p12");
        TestAuthority.write(authority.identity("CN=localhost"), keys);
        TestAuthority.write(authority.trust(), trust);
        String password = new String(TestAuthority.PASSWORD);
        Files.writeString(
                folder.resolve("conf/config.xml"), """
                <hivemq>
                  <listeners>
                    <tls-tcp-listener>
                      <port>%d</port>
                      <bind-address>127.0.0.1</bind-address>
                      <tls>
                        <keystore>
                          <path>%s</path>
                          <password>%s</password>
                          <private-key-password>%s</private-key-password>
                        </keystore>
                        <truststore>
                          <path>%s</path>
                          <password>%s</password>
                        </truststore>
                        <client-authentication-mode>REQUIRED</client-authentication-mode>
                      </tls>
                    </tls-tcp-listener>
                  </listeners>
                  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
                </hivemq>
                """.formatted(port, keys, password, password, trust, password));
        broker = build();
        start();
    }

    private EmbeddedHiveMQ build() {
        return EmbeddedHiveMQ.builder()
                .withConfigurationFolder(folder.resolve("conf"))
                .withDataFolder(folder.resolve("data"))
                .withExtensionsFolder(folder.resolve("extensions"))
                .withoutLoggingBootstrap()
                .withEmbeddedExtension(EmbeddedExtension.builder()
                        .withId("test")
                        .withName("test")
                        .withVersion("1")
                        .withExtensionMain(new Gatekeeper())
                        .build())
                .build();
    }

    private void start() {
        broker.start().join();
    }

    void stop() {
        broker.stop().join();
    }

    void startAgain() {
        broker = build();
        start();
    }

    @Override
    public void close() {
        broker.stop().join();
    }

    private final class Gatekeeper implements ExtensionMain {
        @Override
        public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
            Services.securityRegistry()
                    .setAuthenticatorProvider(provider -> (SimpleAuthenticator) Gatekeeper.this::admit);
            PublishInboundInterceptor strip = (publish, out) -> {
                String topic = publish.getPublishPacket().getTopic();
                if (topic.startsWith(DeviceTopics.BASIC_INGEST)) {
                    basicIngest.add(topic);
                    out.getPublishPacket().setTopic(topic.substring(DeviceTopics.BASIC_INGEST.length()));
                }
            };
            Services.initializerRegistry()
                    .setClientInitializer((in, context) -> context.addPublishInboundInterceptor(strip));
        }

        private void admit(SimpleAuthInput input, SimpleAuthOutput output) {
            String id = input.getClientInformation().getClientId();
            Optional<X509Certificate> shown = input.getConnectionInformation()
                    .getClientTlsInformation()
                    .flatMap(tls -> tls.getClientCertificate());
            String name = shown.map(certificate ->
                            certificate.getSubjectX500Principal().getName().substring("CN=".length()))
                    .orElse("");
            ModifiableDefaultPermissions permissions = output.getDefaultPermissions();
            permissions.add(Builders.topicPermission().topicFilter("#").build());
            boolean listed = shown.filter(certificate -> !refusedCertificates.contains(certificate.getSerialNumber()))
                    .isPresent();
            if (name.equals(id) && !refused.contains(id) && listed) {
                shown.ifPresent(admitted::add);
                output.authenticateSuccessfully();
            } else {
                output.failAuthentication();
            }
        }

        @Override
        public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
            // nothing to end
        }
    }
}
