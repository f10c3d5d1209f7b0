package io.mooring.messaging.core.shadow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.mqtt.ShadowTopic;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads requests, and refuses what is none (developer guide, "Device Shadow error messages"). */
public final class ShadowRequestReader {
    /** Reads and writes documents: decimal numbers as they were written. */
    public static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final int LONGEST_TOKEN = 64;
    private static final List<String> SECTIONS = List.of("desired", "reported");

    /** Numbers beyond this many digits before or behind the point are none that anything could keep. */
    private static final int MOST_DIGITS = 400;

    private final ShadowLimits limits;

    public ShadowRequestReader(ShadowLimits limits) {
        this.limits = limits;
    }

    /** A request as read. */
    public sealed interface Reading {
        record Read(ShadowRequest request) implements Reading {}

        record Refused(ShadowRefusal refusal) implements Reading {}
    }

    private static final class RefusedException extends Exception {
        private final transient ShadowRefusal refusal;

        RefusedException(ShadowRefusal refusal) {
            super(refusal.message(), null, false, false);
            this.refusal = refusal;
        }
    }

    /** Reads a request by what its topic or method asks, and its body. */
    public Reading read(ShadowTopic.Operation operation, byte[] body) {
        Optional<String> token = Optional.empty();
        try {
            if (body.length > limits.requestBytes()) {
                throw refused(tooLarge());
            }
            if (operation == ShadowTopic.Operation.UPDATE) {
                JsonNode document = parse(body);
                if (!document.isObject()) {
                    throw refused(ShadowRefusal.badRequest("Invalid JSON"));
                }
                token = clientToken(document);
                return new Reading.Read(update(document, token));
            }
            token = clientToken(body);
            return new Reading.Read(
                    operation == ShadowTopic.Operation.GET
                            ? new ShadowRequest.Get(token)
                            : new ShadowRequest.Delete(token));
        } catch (RefusedException e) {
            return new Reading.Refused(e.refusal.to(token));
        }
    }

    private ShadowRequest.Update update(JsonNode document, Optional<String> token) throws RefusedException {
        OptionalLong version = version(document.get("version"));
        JsonNode state = document.get("state");
        if (state == null) {
            throw refused(ShadowRefusal.badRequest("Missing required node: state"));
        }
        if (state.isNull()) {
            return new ShadowRequest.Update(null, version, token);
        }
        if (!(state instanceof ObjectNode sections)) {
            throw refused(ShadowRefusal.badRequest("State node must be an object"));
        }
        for (Map.Entry<String, JsonNode> section : sections.properties()) {
            section(section.getKey(), section.getValue());
        }
        return new ShadowRequest.Update(sections, version, token);
    }

    private void section(String name, JsonNode section) throws RefusedException {
        if (!SECTIONS.contains(name)) {
            throw refused(invalidNode());
        }
        if (section.isNull()) {
            return;
        }
        if (!section.isObject()) {
            String label = name.equals("desired") ? "Desired" : "Reported";
            throw refused(ShadowRefusal.badRequest(label + " node must be an object"));
        }
        if (ShadowJson.levels(section) > limits.levels()) {
            throw refused(ShadowRefusal.badRequest(
                    "JSON contains too many levels of nesting; maximum is " + limits.levels()));
        }
        check(section);
    }

    /** Arrays hold no nulls (developer guide, "Array values in shadow documents"); and all of it must be storable. */
    private static void check(JsonNode node) throws RefusedException {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                checkText(field.getKey());
                check(field.getValue());
            }
        } else if (node.isArray()) {
            for (JsonNode element : node) {
                if (element.isNull()) {
                    throw refused(invalidNode());
                }
                check(element);
            }
        } else if (node.isTextual()) {
            checkText(node.textValue());
        } else if (node.isNumber()) {
            BigDecimal number = node.decimalValue();
            if (number.scale() > MOST_DIGITS || (long) number.precision() - number.scale() > MOST_DIGITS) {
                throw refused(invalidNode());
            }
        }
    }

    /** No text that UTF-8 or PostgreSQL's {@code jsonb} cannot hold: half a character, or the character 0. */
    private static void checkText(String text) throws RefusedException {
        boolean whole = text.codePoints().noneMatch(c -> c == 0 || (c >= 0xD800 && c <= 0xDFFF));
        if (!whole) {
            throw refused(invalidNode());
        }
    }

    private static OptionalLong version(@Nullable JsonNode version) throws RefusedException {
        if (version == null || version.isNull()) {
            return OptionalLong.empty();
        }
        if (!version.isIntegralNumber() || !version.canConvertToLong() || version.longValue() < 0) {
            throw refused(ShadowRefusal.badRequest("Invalid version"));
        }
        return OptionalLong.of(version.longValue());
    }

    private static Optional<String> clientToken(JsonNode document) throws RefusedException {
        JsonNode token = document.get("clientToken");
        if (token == null || token.isNull()) {
            return Optional.empty();
        }
        if (!token.isTextual() || token.textValue().getBytes(StandardCharsets.UTF_8).length > LONGEST_TOKEN) {
            throw refused(ShadowRefusal.badRequest("Invalid clientToken"));
        }
        return Optional.of(token.textValue());
    }

    /** Of a request whose content means nothing otherwise: there need not be any, nor JSON. */
    private static Optional<String> clientToken(byte[] body) throws RefusedException {
        try {
            return body.length == 0 ? Optional.empty() : clientToken(parse(body));
        } catch (RefusedException e) {
            if (e.refusal.message().equals("Invalid clientToken")) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private static JsonNode parse(byte[] body) throws RefusedException {
        String text = new String(body, StandardCharsets.UTF_8);
        // What was none has been replaced.
        if (!Arrays.equals(text.getBytes(StandardCharsets.UTF_8), body)) {
            throw refused(ShadowRefusal.of(
                    ShadowRefusal.UNSUPPORTED, "Unsupported documented encoding; supported encoding is UTF-8"));
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw refused(ShadowRefusal.badRequest("Invalid JSON"));
        }
    }

    static ShadowRefusal tooLarge() {
        return ShadowRefusal.of(ShadowRefusal.TOO_LARGE, "The payload exceeds the maximum size allowed");
    }

    private static ShadowRefusal invalidNode() {
        return ShadowRefusal.badRequest("State contains an invalid node");
    }

    private static RefusedException refused(ShadowRefusal refusal) {
        return new RefusedException(refusal);
    }
}
