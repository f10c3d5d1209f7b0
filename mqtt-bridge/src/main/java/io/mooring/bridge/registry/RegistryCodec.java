package io.mooring.bridge.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Reads the records of the registry topic, see docs/asyncapi.yaml. */
final class RegistryCodec {
    private static final int MAX_CERTIFICATES = 100;

    private final JsonFactory json = new JsonFactory();

    /**
     * Reads one record. Unknown fields are ignored.
     *
     * @throws IOException if it is not what a registry record is; its message says why
     */
    DeviceEntry read(String key, byte[] value) throws IOException {
        Map<String, String> texts = new HashMap<>();
        Set<Fingerprint> certificates = new HashSet<>();
        try (JsonParser parser = json.createParser(value)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String field = parser.currentName();
                JsonToken token = parser.nextToken();
                if (field.equals("certificates") && token == JsonToken.START_ARRAY) {
                    readCertificates(parser, certificates);
                } else if (token == JsonToken.VALUE_STRING) {
                    texts.put(field, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
        }
        String device = level(texts, "device");
        if (!device.equals(key)) {
            throw new IOException("its key is not its device");
        }
        return new DeviceEntry(
                device,
                level(texts, "cloud"),
                level(texts, "account"),
                texts.getOrDefault("product", ""),
                state(texts),
                certificates);
    }

    private static void readCertificates(JsonParser parser, Set<Fingerprint> certificates) throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_STRING || certificates.size() == MAX_CERTIFICATES) {
                throw new IOException("certificates must be at most " + MAX_CERTIFICATES + " texts");
            }
            try {
                certificates.add(Fingerprint.ofHex(parser.getText()));
            } catch (IllegalArgumentException wrong) {
                throw new IOException(wrong.getMessage(), wrong);
            }
        }
    }

    private static String level(Map<String, String> texts, String field) throws IOException {
        String value = texts.getOrDefault(field, "");
        if (!DeviceTopics.isLevel(value)) {
            throw new IOException(field + " is missing or not a name");
        }
        return value;
    }

    private static DeviceEntry.State state(Map<String, String> texts) throws IOException {
        return switch (texts.getOrDefault("state", "")) {
            case "active" -> DeviceEntry.State.ACTIVE;
            case "blocked" -> DeviceEntry.State.BLOCKED;
            case "released" -> DeviceEntry.State.RELEASED;
            default -> throw new IOException("state is none of active, blocked, released");
        };
    }
}
