package io.mooring.audit.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.audit.AuditPosition;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A record of the trail, as far as it is searched by.
 *
 * @param at when it was done
 * @param name what was asked
 * @param source whose event it is, such as {@code provisioning.mooring}
 * @param who did it; empty if nothing was proved
 * @param whoType such as {@code Operator}
 * @param device which device did it, or had it done to it; null if none
 * @param address from where; empty if from nowhere
 * @param cloud of which cloud it tells; empty if of all
 * @param errorCode why it was refused; empty if it was not
 * @param readOnly whether it could change nothing
 * @param position its number among its source's; null if the source does not count
 * @param json the whole of it
 */
public record TrailRecord(
        UUID id,
        Instant at,
        String name,
        String source,
        String who,
        String whoType,
        @Nullable String device,
        String address,
        String cloud,
        String errorCode,
        boolean readOnly,
        @Nullable AuditPosition position,
        ObjectNode json) {
    /** By which names calls speak of a device. */
    private static final List<String> DEVICE_PARAMETERS = List.of("device", "deviceId", "id", "thing", "thingName");

    /** Device protocol, section 1.1. */
    private static final int DEVICE_ID_LENGTH = 10;

    /**
     * Reads a record.
     *
     * @throws IOException if it is none; the message says what is missing
     */
    public static TrailRecord of(JsonNode json) throws IOException {
        if (!(json instanceof ObjectNode object)) {
            throw new IOException("is no JSON object");
        }
        JsonNode identity = json.path("userIdentity");
        String principal = identity.path("principalId").asText("");
        JsonNode additional = json.path("additionalEventData");
        return new TrailRecord(
                id(json),
                time(json),
                text(json, "eventName"),
                text(json, "eventSource"),
                identity.path("userName").asText(principal),
                identity.path("type").asText("Unknown"),
                device(json, identity, principal),
                json.path("sourceIPAddress").asText(""),
                additional
                        .path("cloud")
                        .asText(json.at("/requestParameters/cloud").asText("")),
                json.path("errorCode").asText(""),
                json.path("readOnly").asBoolean(false),
                position(additional.path("sequence")),
                object);
    }

    private static UUID id(JsonNode json) throws IOException {
        String text = text(json, "eventID");
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equalsIgnoreCase(text)) {
                return id;
            }
        } catch (IllegalArgumentException none) {
            // Said below.
        }
        throw new IOException("has an eventID that is no UUID");
    }

    private static Instant time(JsonNode json) throws IOException {
        try {
            return Times.of(text(json, "eventTime"));
        } catch (DateTimeException noTime) {
            throw new IOException("has an eventTime that is none: " + noTime.getMessage(), noTime);
        }
    }

    private static String text(JsonNode json, String name) throws IOException {
        JsonNode value = json.path(name);
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw new IOException("has no " + name);
        }
        return value.textValue();
    }

    private static @Nullable String device(JsonNode json, JsonNode identity, String principal) {
        for (String name : DEVICE_PARAMETERS) {
            String value = json.path("requestParameters").path(name).asText("");
            if (value.length() == DEVICE_ID_LENGTH) {
                return value;
            }
        }
        return identity.path("type").asText("").equals("Device") && !principal.isEmpty() ? principal : null;
    }

    private static @Nullable AuditPosition position(JsonNode sequence) throws IOException {
        if (sequence.isMissingNode() || sequence.isNull()) {
            return null;
        }
        JsonNode number = sequence.path("number");
        if (!sequence.path("source").isTextual()
                || !sequence.path("epoch").isTextual()
                || !number.canConvertToLong()
                || number.asLong() < 1) {
            throw new IOException("has a sequence that is none");
        }
        return new AuditPosition(
                sequence.path("source").textValue(), sequence.path("epoch").textValue(), number.asLong());
    }

    /** Its number; empty if its source does not count. */
    public Optional<AuditPosition> numbered() {
        return Optional.ofNullable(position);
    }
}
