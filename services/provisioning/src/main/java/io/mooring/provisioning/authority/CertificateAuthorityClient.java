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
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
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
                    Instant.parse(required(answer, "expires")));
            JsonNode key = answer.path("key");
            return Outcome.done(new Issued(
                    reference,
                    required(answer, "certificate"),
                    required(answer, "authority"),
                    key.isTextual() ? Optional.of(key.textValue()) : Optional.empty()));
        });
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
        HttpRequest request = HttpRequest.newBuilder(URI.create(config.url() + path))
                .timeout(config.timeout())
                .header("Authorization", "Bearer " + config.token())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode answer = json.readTree(response.body());
            return switch (response.statusCode()) {
                case 200 -> Outcome.done(answer);
                case 400, 404, 422 ->
                    Outcome.refused(
                            answer.path("code").asText("refused"),
                            answer.path("detail").asText("the certificate authority refused"));
                default -> throw new Unavailable("the certificate authority answered " + response.statusCode());
            };
        } catch (IOException e) {
            throw new Unavailable("the certificate authority did not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable("stopped while waiting for the certificate authority", e);
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
