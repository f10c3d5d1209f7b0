package io.mooring.audit.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * What is known of a digest elsewhere, so that the trail's own store cannot deny it: kept in the database and in Kafka, and
 * by whoever wants to.
 *
 * @param object its key
 * @param end of its period
 * @param sha256 of its uncompressed bytes, in lower-case hex
 * @param signature in hex
 * @param fingerprint of the key that it is signed with
 */
public record DigestHead(String object, Instant end, String sha256, String signature, String fingerprint) {
    private static final JsonMapper JSON = new JsonMapper();

    public ObjectNode toJson() {
        return JSON.createObjectNode()
                .put("object", object)
                .put("end", Times.text(end))
                .put("sha256", sha256)
                .put("signature", signature)
                .put("fingerprint", fingerprint);
    }

    /**
     * Reads one.
     *
     * @throws IOException if it is none
     */
    public static DigestHead of(JsonNode json) throws IOException {
        for (String name : new String[] {"object", "end", "sha256", "signature", "fingerprint"}) {
            if (!json.path(name).isTextual()) {
                throw new IOException("is no head of a trail: it has no " + name);
            }
        }
        try {
            return new DigestHead(
                    json.path("object").textValue(),
                    Times.of(json.path("end").textValue()),
                    json.path("sha256").textValue(),
                    json.path("signature").textValue(),
                    json.path("fingerprint").textValue());
        } catch (DateTimeException noTime) {
            throw new IOException("is no head of a trail: " + noTime.getMessage(), noTime);
        }
    }
}
