package io.mooring.bridge.application;

import io.mooring.bridge.kafka.StateConsumer;
import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.bridge.message.Json;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** All applications. Written by the one thread that reads the registry's topic, read by any. */
final class Applications implements StateConsumer.State {
    private static final int MAX_LISTED = 10_000;

    private volatile Map<String, Application> byId = new ConcurrentHashMap<>();
    private volatile Map<String, String> byCertificate = new ConcurrentHashMap<>();
    private Map<String, Application> filling = byId;
    private volatile Consumer<String> listener = application -> {};

    /** Sets the one who is told which application changed. */
    void listen(Consumer<String> told) {
        listener = told;
    }

    Optional<Application> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Which application has a certificate. */
    Optional<Application> ofCertificate(String sha256) {
        return Optional.ofNullable(byCertificate.get(sha256))
                .flatMap(this::find)
                .filter(application -> application.certificates().contains(sha256));
    }

    int size() {
        return byId.size();
    }

    @Override
    public void put(String key, ConsumerRecord<byte[], byte[]> message) throws InvalidRecordException {
        filling.put(key, read(key, message.value()));
        told(key);
    }

    @Override
    public void remove(String key) {
        filling.remove(key);
        told(key);
    }

    private void told(String key) {
        if (filling == byId) {
            find(key).ifPresent(now -> now.certificates().forEach(one -> byCertificate.put(one, key)));
            listener.accept(key);
        }
    }

    @Override
    public void startOver() {
        filling = new ConcurrentHashMap<>();
    }

    @Override
    public void loaded() {
        Set<String> before = Set.copyOf(byId.keySet());
        Map<String, String> certificates = new ConcurrentHashMap<>();
        filling.values().forEach(one -> one.certificates().forEach(sha256 -> certificates.put(sha256, one.id())));
        byId = filling;
        byCertificate = certificates;
        before.forEach(listener);
    }

    private static Application read(String key, byte[] value) throws InvalidRecordException {
        Map<?, ?> json = Json.object(value);
        String cloud = Json.text(json, "cloud");
        if (!key.equals(Json.text(json, "application")) || !DeviceTopics.isLevel(key)) {
            throw invalid("its key is not its application, or not a name");
        }
        if (cloud == null || !DeviceTopics.isLevel(cloud)) {
            throw invalid("cloud is missing or not a name");
        }
        List<Application.Token> tokens = new ArrayList<>();
        for (Object token : Json.list(json, "tokens")) {
            tokens.add(token(token));
        }
        Set<Application.Right> rights = EnumSet.noneOf(Application.Right.class);
        for (String right : Json.texts(json, "rights")) {
            try {
                rights.add(Application.Right.valueOf(right.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException ofTheFuture) {
                // A right that is not known here is not given here.
            }
        }
        return new Application(
                key,
                cloud,
                "active".equals(Json.text(json, "state")),
                tokens,
                listed(json, "certificates"),
                rights,
                listed(json, "products"),
                listed(json, "devices"));
    }

    private static Application.Token token(Object token) throws InvalidRecordException {
        try {
            if (token instanceof Map<?, ?> fields) {
                byte[] sha256 = HexFormat.of().parseHex(String.valueOf(Json.text(fields, "sha256")));
                String expires = Json.text(fields, "expires");
                if (sha256.length == 32) {
                    return new Application.Token(sha256, expires == null ? null : Instant.parse(expires));
                }
            }
        } catch (IllegalArgumentException | DateTimeParseException wrong) {
            // told below
        }
        throw invalid("a token is the 64 hexadecimal digits of a SHA-256 and the time at which it expires, if any");
    }

    private static Set<String> listed(Map<?, ?> json, String field) throws InvalidRecordException {
        List<String> texts = Json.texts(json, field);
        if (texts.size() > MAX_LISTED) {
            throw invalid(field + " are more than " + MAX_LISTED);
        }
        return Set.copyOf(texts);
    }

    private static InvalidRecordException invalid(String detail) {
        return new InvalidRecordException("application-record-invalid", detail);
    }
}
