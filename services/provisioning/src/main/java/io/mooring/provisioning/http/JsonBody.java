package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.provisioning.core.Description;
import io.mooring.provisioning.core.DeviceSecret;
import io.mooring.provisioning.core.EnrolmentDecider;
import io.mooring.provisioning.core.Identity;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Registration;
import io.mooring.provisioning.core.Renewal;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads bodies, whatever media type they claim to have. */
final class JsonBody {
    private static final int MAX_NAME = 128;
    private static final int MAX_DESCRIPTION = 1024;
    private static final int MAX_BODY_BYTES = 32 * 1024;
    private static final int MAX_REGISTRATION_BYTES = 16 * 1024;

    /** Numbers keep their digits; what comes behind the object is an error. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private JsonBody() {}

    /** A JSON object; an empty body is an empty one. Refused with {@code malformed_json} or {@code bad_text}. */
    static Outcome<ObjectNode> object(byte[] body) {
        if (body.length > MAX_BODY_BYTES) {
            return Outcome.refused("too_large", "a body may have " + MAX_BODY_BYTES + " bytes");
        }
        if (body.length == 0) {
            return Outcome.done(JSON.createObjectNode());
        }
        JsonNode node;
        try {
            node = JSON.readTree(body);
        } catch (IOException e) {
            return Outcome.refused("malformed_json", "the body is not JSON");
        }
        if (!(node instanceof ObjectNode object)) {
            return Outcome.refused("malformed_json", "the body must be a JSON object");
        }
        return isStorable(object)
                ? Outcome.done(object)
                : Outcome.refused("bad_text", "text may hold neither NUL nor half a surrogate pair");
    }

    /** A text field; empty if it is not there or not text. */
    static Optional<String> text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }

    /** A yes or a no; empty if it is not there. Refused with {@code bad_value}. */
    static Outcome<Optional<Boolean>> flag(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return Outcome.done(Optional.empty());
        }
        return value.isBoolean()
                ? Outcome.done(Optional.of(value.booleanValue()))
                : Outcome.refused("bad_value", field + " must be true or false");
    }

    /** A time (ISO 8601, UTC); empty if it is not there. Refused with {@code bad_value}. */
    static Outcome<Optional<Instant>> instant(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return Outcome.done(Optional.empty());
        }
        try {
            return Outcome.done(Optional.of(Instant.parse(value.asText())));
        } catch (DateTimeException notATime) {
            return Outcome.refused("bad_value", field + " must be a time such as 2030-01-31T12:00:00Z");
        }
    }

    /**
     * What a device asks its certificate with. Refused with {@code malformed_csr} or {@code malformed_renewal}.
     *
     * @param token the hash of the token it shows
     */
    static Outcome<EnrolmentDecider.Request> enrolment(JsonNode object, String token) {
        Optional<String> csr = text(object, "csr");
        if (object.hasNonNull("csr") && csr.isEmpty()) {
            return Outcome.refused("malformed_csr", "csr must be text");
        }
        EnrolmentDecider.Credential shown = new EnrolmentDecider.Credential.Token(token);
        JsonNode renewal = object.path("renewal");
        if (renewal.isMissingNode() || renewal.isNull()) {
            return Outcome.done(new EnrolmentDecider.Request(shown, csr, Optional.empty()));
        }
        Optional<String> fingerprint = text(renewal, "fingerprint");
        Optional<String> signature = text(renewal, "signature");
        Optional<String> der = csr.flatMap(PemText::body);
        return fingerprint.isPresent() && signature.isPresent() && der.isPresent()
                ? Outcome.done(new EnrolmentDecider.Request(
                        shown, csr, Optional.of(new Renewal(fingerprint.get(), signature.get(), der.get()))))
                : Outcome.refused("malformed_renewal", "renewal needs a csr (PEM), fingerprint and signature");
    }

    /** What a device says to register. The product's token, which it repeats there, is dropped. */
    static Outcome<Registration> registration(byte[] body) {
        if (body.length > MAX_REGISTRATION_BYTES) {
            return Outcome.refused("too_large", "a registration may have " + MAX_REGISTRATION_BYTES + " bytes");
        }
        return object(body).then(object -> {
            String id = text(object, "id").orElse("");
            if (!Identity.isClaimId(id)) {
                return Outcome.refused("bad_id", "id must be 10 upper-case letters and digits");
            }
            String name = text(object, "name").orElse("");
            String description = text(object, "description").orElse("");
            String model = text(object, "model").orElse("");
            if (name.length() > MAX_NAME || model.length() > MAX_NAME || description.length() > MAX_DESCRIPTION) {
                return Outcome.refused(
                        "too_large",
                        "name and model have at most " + MAX_NAME + " characters, description " + MAX_DESCRIPTION);
            }
            Optional<Owner> owner = text(object, "account")
                    .flatMap(account -> text(object, "cloud")
                            .flatMap(cloud -> Owner.of(cloud, account) instanceof Outcome.Done<Owner>(Owner known)
                                    ? Optional.of(known)
                                    : Optional.empty()));
            Optional<String> secretHash = text(object, "secretHash");
            if (secretHash.filter(hash -> !DeviceSecret.isHash(hash)).isPresent()) {
                return Outcome.refused("bad_secret_hash", "secretHash must be 64 lower-case hexadecimal digits");
            }
            ObjectNode rest = object.deepCopy();
            rest.remove(List.of("id", "product", "name", "description", "model", "secretHash", "proof"));
            Description said = new Description(name, description, model, rest.toString());
            return Outcome.done(new Registration(id, Optional.of(said), owner, secretHash, proof(object)));
        });
    }

    private static Optional<Registration.Proof> proof(JsonNode object) {
        JsonNode proof = object.path("proof");
        return proof.isObject()
                ? Optional.of(new Registration.Proof(
                        text(proof, "time").orElse(""), text(proof, "mac").orElse("")))
                : Optional.empty();
    }

    private static boolean isStorable(JsonNode node) {
        if (node.isTextual()) {
            return isStorable(node.textValue());
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!isStorable(field.getKey()) || !isStorable(field.getValue())) {
                return false;
            }
        }
        if (node.isArray()) {
            for (JsonNode element : node) {
                if (!isStorable(element)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return false;
            }
            if (Character.isHighSurrogate(c)) {
                i++;
                if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }
}
