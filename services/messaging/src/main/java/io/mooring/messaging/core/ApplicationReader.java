package io.mooring.messaging.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads what an application is to be. */
public final class ApplicationReader {
    private static final int MAX_NAME = 200;
    private static final int MAX_LIST = 10_000;
    private static final int MAX_TEXT = 200;
    private static final int MAX_CERTIFICATES = 10;
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");
    private static final Set<String> MEMBERS = Set.of("name", "cloud", "rights", "products", "devices", "certificates");

    /** An application that is to be made. */
    public record Wanted(String name, String cloud, Set<Right> rights, Reach reach, Set<String> certificates) {}

    private ApplicationReader() {}

    /** Reads a request; refused with {@code bad-request}. */
    public static Outcome<Wanted> read(JsonNode json) {
        if (!json.isObject()) {
            return bad("The body must be a JSON object.");
        }
        for (var member : json.properties()) {
            if (!MEMBERS.contains(member.getKey())) {
                return bad("There is no member \"" + member.getKey() + "\" of an application.");
            }
        }
        String name = json.path("name").asText("");
        String cloud = json.path("cloud").asText("main");
        if (name.isBlank() || name.length() > MAX_NAME || name.indexOf('\0') >= 0) {
            return bad("\"name\" must be a text of 1 to " + MAX_NAME + " characters.");
        }
        if (!Names.isCloud(cloud)) {
            return bad("\"cloud\" must be the name of a cloud.");
        }
        Set<Right> rights = EnumSet.noneOf(Right.class);
        for (JsonNode right : json.path("rights")) {
            Optional<Right> known = Right.of(right.asText(""));
            if (known.isEmpty()) {
                return bad("A right is one of read, command, write, publish and subscribe.");
            }
            rights.add(known.get());
        }
        if (rights.isEmpty()) {
            return bad("\"rights\" must name at least one of read, command, write, publish and subscribe.");
        }
        Optional<Set<String>> products = texts(json.path("products"));
        Optional<Set<String>> devices = texts(json.path("devices"));
        if (products.isEmpty() || devices.isEmpty()) {
            return bad("\"products\" and \"devices\" are lists of up to " + MAX_LIST + " ids.");
        }
        return certificates(json)
                .then(certificates -> Outcome.done(
                        new Wanted(name, cloud, rights, new Reach(products.get(), devices.get()), certificates)));
    }

    /** Reads which certificates an application is to have; refused with {@code bad-request}. */
    public static Outcome<Set<String>> certificates(JsonNode json) {
        JsonNode list = json.path("certificates");
        Set<String> certificates = new HashSet<>();
        for (JsonNode fingerprint : list) {
            if (!FINGERPRINT.matcher(fingerprint.asText("")).matches()) {
                return badCertificates();
            }
            certificates.add(fingerprint.asText());
        }
        return (list.isMissingNode() || list.isArray()) && certificates.size() <= MAX_CERTIFICATES
                ? Outcome.done(certificates)
                : badCertificates();
    }

    private static Outcome<Set<String>> badCertificates() {
        return Outcome.refused(
                "bad-request",
                "\"certificates\" are up to " + MAX_CERTIFICATES
                        + " SHA-256 fingerprints of certificates (DER), in lower-case hex.");
    }

    private static Optional<Set<String>> texts(JsonNode list) {
        if (!list.isMissingNode() && !list.isArray()) {
            return Optional.empty();
        }
        Set<String> texts = new LinkedHashSet<>();
        for (JsonNode text : list) {
            boolean good = text.isTextual()
                    && !text.textValue().isEmpty()
                    && text.textValue().length() <= MAX_TEXT
                    && text.textValue().indexOf('\0') < 0;
            if (!good || texts.size() == MAX_LIST) {
                return Optional.empty();
            }
            texts.add(text.textValue());
        }
        return Optional.of(texts);
    }

    private static Outcome<Wanted> bad(String detail) {
        return Outcome.refused("bad-request", detail);
    }
}
