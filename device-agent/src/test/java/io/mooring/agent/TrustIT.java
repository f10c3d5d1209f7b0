package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.mooring.agent.enrol.Membership;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a device trusts over HTTPS after the cloud's root changed. */
class TrustIT {
    private final TestAuthority old = new TestAuthority();
    private final TestAuthority next = new TestAuthority();

    @TempDir
    Path folder = Path.of("");

    private Membership membership(X509Certificate... authorities) {
        KeyPair keys = TestAuthority.newKeys();
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(next.sign("CN=DEVICE0001", keys.getPublic()));
        chain.addAll(List.of(authorities));
        return new Membership("main", "localhost", 8883, "thing", chain, keys.getPrivate(), null);
    }

    private HttpsServer serve(String address) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(address, 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(next.serverContext()));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static int ask(AgentRuntime runtime, HttpsServer server) throws Exception {
        URI uri = URI.create("https://" + server.getAddress().getHostString() + ":"
                + server.getAddress().getPort());
        return runtime.http()
                .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void followsARootItWasToldOf() throws Exception {
        Path file = folder.resolve("ca.pem");
        Files.writeString(file, TestAuthority.pem(old.root));
        HttpsServer server = serve("127.0.0.1");
        // Its certificate is for the other address.
        HttpsServer misplaced = serve("127.0.0.2");
        try (AgentRuntime runtime = AgentRuntime.trusting(file, 1)) {
            assertThatThrownBy(() -> ask(runtime, server)).isInstanceOf(SSLHandshakeException.class);

            // A certificate that is nobody's authority does not count, wherever it stands.
            runtime.trust()
                    .learn(membership(
                            old.sign("CN=localhost", TestAuthority.newKeys().getPublic())));
            assertThatThrownBy(() -> ask(runtime, server)).isInstanceOf(SSLHandshakeException.class);

            runtime.trust().learn(membership(next.root));
            assertThat(ask(runtime, server)).isEqualTo(204);
            assertThatThrownBy(() -> ask(runtime, misplaced)).isInstanceOf(SSLHandshakeException.class);
        } finally {
            server.stop(0);
            misplaced.stop(0);
        }
    }
}
