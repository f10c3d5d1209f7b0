package io.mooring.provisioning.authority;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.provisioning.ProvisioningConfig;
import io.mooring.provisioning.core.CertificateReference;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Revocation;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/** Asks the certificate authority to issue and to revoke. */
@ApplicationScoped
public class CertificateAuthorityClient {
    private final ProvisioningConfig.Certificates config;
    private final ObjectMapper json;
    private final HttpClient http;

    CertificateAuthorityClient(ProvisioningConfig config, ObjectMapper json) {
        this.config = config.certificates();
        this.json = json;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(this.config.connectTimeout())
                .build();
    }

    /**
     * What was issued.
     *
     * @param certificate PEM
     * @param authority the chain above it, PEM
     * @param key the private key, PEM, only where the authority made it
     */
    public record Issued(CertificateReference reference, String certificate, String authority, Optional<String> key) {
        /** Says which certificate it is and nothing of the key. */
        @Override
        public String toString() {
            return "Issued[" + reference + "]";
        }
    }

    /** The certificate authority could not answer; trying again later may help. */
    public static final class Unavailable extends RuntimeException {
        Unavailable(String message) {
            super(message);
        }

        Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Has a device's certificate issued, for the key in the request or, without one, for a new key.
     * Refused with the authority's own codes.
     *
     * @throws Unavailable if it did not answer, or not in time
     */
    public Outcome<Issued> issue(Owner owner, String device, Optional<String> csr) {
        ObjectNode body = json.createObjectNode().put("cloud", owner.cloud()).put("device", device);
        csr.ifPresent(text -> body.put("csr", text));
        return post("/v1/device-certificates", body).then(answer -> {
            CertificateReference reference = new CertificateReference(
                    required(answer, "serial"),
                    required(answer, "fingerprint"),
                    Instant.parse(required(answer, "expires")),
                    publicKey(required(answer, "certificate")));
            JsonNode key = answer.path("key");
            return Outcome.done(new Issued(
                    reference,
                    required(answer, "certificate"),
                    required(answer, "authority"),
                    key.isTextual() ? Optional.of(key.textValue()) : Optional.empty()));
        });
    }

    /**
     * Has an issuing authority made for a cloud, if there is none; the cloud's name.
     *
     * @throws Unavailable if it did not answer, or not in time
     */
    public Outcome<String> open(String cloud) {
        HttpRequest request = request("/v1/clouds/" + cloud + "/authority")
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        return send(request, body -> cloud);
    }

    /**
     * The certificates, PEM, that whoever trusts the devices of a cloud needs: those of its issuing authority
     * and the root's, or, where no cloud is named, of all that are valid. Refused with {@code unknown_cloud}.
     *
     * @throws Unavailable if it did not answer, or not in time
     */
    public Outcome<String> authorities(Optional<String> cloud) {
        String path = cloud.map(name -> "/v1/clouds/" + name + "/authority").orElse("/v1/trust-bundle");
        return send(request(path).GET().build(), body -> body);
    }

    /**
     * Has a certificate revoked; one that is already is no error.
     *
     * @throws Unavailable if it did not answer, or not in time
     */
    public Outcome<JsonNode> revoke(Revocation revocation) {
        return post(
                "/v1/certificates/" + revocation.serial() + "/revocation",
                json.createObjectNode().put("reason", revocation.reason()));
    }

    private Outcome<JsonNode> post(String path, ObjectNode body) {
        HttpRequest request = request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        return send(request, json::readTree);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(config.url() + path))
                .timeout(config.timeout())
                .header("Authorization", "Bearer " + config.token());
    }

    /** Reads the body of an answer. */
    private interface BodyReader<T> {
        T read(String body) throws IOException;
    }

    private <T> Outcome<T> send(HttpRequest request, BodyReader<T> reader) {
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return switch (response.statusCode()) {
                case 200 -> Outcome.done(reader.read(response.body()));
                case 400, 404, 422 -> {
                    JsonNode problem = json.readTree(response.body());
                    yield Outcome.refused(
                            problem.path("code").asText("refused"),
                            problem.path("detail").asText("the certificate authority refused"));
                }
                default -> throw new Unavailable("the certificate authority answered " + response.statusCode());
            };
        } catch (IOException e) {
            throw new Unavailable("the certificate authority did not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable("stopped while waiting for the certificate authority", e);
        }
    }

    /** The SubjectPublicKeyInfo of a certificate, Base64: what later renewals are checked by. */
    private static String publicKey(String certificate) {
        try {
            byte[] key = CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(certificate.getBytes(StandardCharsets.US_ASCII)))
                    .getPublicKey()
                    .getEncoded();
            return Base64.getEncoder().encodeToString(key);
        } catch (CertificateException e) {
            throw new Unavailable("the certificate authority's answer holds no certificate", e);
        }
    }

    private static String required(JsonNode answer, String field) {
        JsonNode value = answer.path(field);
        if (!value.isTextual()) {
            throw new Unavailable("the certificate authority's answer lacks " + field);
        }
        return value.textValue();
    }
}
