package io.mooring.messaging.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what somebody asks of devices, as HTTP has it: {@code docs/applications.md}. */
public final class CommandReader {
    /** How long a device may take to get a command, if nothing is said: a day, in seconds. */
    public static final int DEFAULT_EXPIRES = 24 * 60 * 60;

    /** How long a device may say nothing, if nothing is said: a minute, in seconds. */
    public static final int DEFAULT_TIMEOUT = 60;

    private static final int LONGEST = 30 * 24 * 60 * 60;
    private static final Duration LATEST_START = Duration.ofDays(366);
    private static final int MAX_PER_MINUTE = 600_000;
    private static final int MAX_DESCRIPTION = 1_000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.:-]{0,63}");
    private static final Set<String> MEMBERS = Set.of(
            "cloud",
            "command",
            "args",
            "description",
            "device",
            "devices",
            "product",
            "query",
            "at",
            "ratePerMinute",
            "stop",
            "expiresSeconds",
            "timeoutSeconds",
            "waitSeconds");

    /** What is allowed. */
    public record Limits(int listedDevices, int argumentBytes) {}

    private static final class BadException extends Exception {
        private final String code;

        BadException(String code, String detail) {
            super(detail, null, false, false);
            this.code = code;
        }
    }

    private final JsonNode json;
    private final Limits limits;
    private final Instant now;

    private CommandReader(JsonNode json, Limits limits, Instant now) {
        this.json = json;
        this.limits = limits;
        this.now = now;
    }

    /**
     * Reads a request.
     *
     * @param defaultCloud the caller's
     */
    public static Outcome<CommandRequest> read(JsonNode json, String defaultCloud, Limits limits, Instant now) {
        try {
            return Outcome.done(new CommandReader(json, limits, now).request(defaultCloud));
        } catch (BadException bad) {
            return Outcome.refused(bad.code, String.valueOf(bad.getMessage()));
        }
    }

    private CommandRequest request(String defaultCloud) throws BadException {
        if (!json.isObject()) {
            throw bad("The body must be a JSON object.");
        }
        for (var member : json.properties()) {
            if (!MEMBERS.contains(member.getKey())) {
                throw bad("There is no member \"" + member.getKey() + "\" of a command.");
            }
        }
        String cloud = json.has("cloud") ? text("cloud", 41) : defaultCloud;
        if (!Names.isCloud(cloud)) {
            throw bad("\"cloud\" must be the name of a cloud.");
        }
        String name = text("command", 64);
        if (!NAME.matcher(name).matches()) {
            throw bad("\"command\" must be a letter and up to 63 letters, digits or _ . : -");
        }
        return new CommandRequest(
                cloud,
                name,
                args(),
                json.has("description") ? text("description", MAX_DESCRIPTION) : null,
                target(),
                start(),
                new Pace(number("ratePerMinute", 0, 1, MAX_PER_MINUTE)),
                stop(),
                number("expiresSeconds", DEFAULT_EXPIRES, 1, LONGEST),
                number("timeoutSeconds", DEFAULT_TIMEOUT, 1, LONGEST));
    }

    private @Nullable String args() throws BadException {
        JsonNode args = json.path("args");
        if (args.isMissingNode() || args.isNull()) {
            return null;
        }
        if (!args.isObject()) {
            throw bad("\"args\" must be an object.");
        }
        String text = args.toString();
        if (text.indexOf('\0') >= 0 || text.contains("\\u0000")) {
            throw bad("\"args\" holds the character U+0000.");
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > limits.argumentBytes()) {
            throw new BadException("too-large", "\"args\" may have " + limits.argumentBytes() + " bytes of JSON.");
        }
        return text;
    }

    private Target target() throws BadException {
        List<String> given = new ArrayList<>();
        for (String kind : List.of("device", "devices", "product", "query")) {
            if (json.has(kind)) {
                given.add(kind);
            }
        }
        if (given.size() != 1) {
            throw bad("Exactly one of \"device\", \"devices\", \"product\" and \"query\" says whom it is for.");
        }
        return switch (given.getFirst()) {
            case "device" -> new Target.Devices(List.of(device(json.path("device"))));
            case "devices" -> devices();
            case "product" -> new Target.Product(text("product", 200));
            default -> {
                String query = text("query", QueryReader.MAX_LENGTH);
                yield switch (QueryReader.read(query)) {
                    case Outcome.Done<Query>(Query read) -> new Target.Matching(query, read);
                    case Outcome.Refused<Query>(Refusal refusal) ->
                        throw new BadException(refusal.code(), refusal.detail());
                };
            }
        };
    }

    private Target devices() throws BadException {
        JsonNode list = json.path("devices");
        if (!list.isArray() || list.isEmpty()) {
            throw bad("\"devices\" must be a list of device ids.");
        }
        if (list.size() > limits.listedDevices()) {
            throw new BadException(
                    "too-large",
                    "\"devices\" may name " + limits.listedDevices() + " devices; use a product or a query for more.");
        }
        Set<String> ids = new LinkedHashSet<>();
        for (JsonNode id : list) {
            ids.add(device(id));
        }
        return new Target.Devices(List.copyOf(ids));
    }

    private static String device(JsonNode id) throws BadException {
        if (!id.isTextual() || !DeviceTopics.isLevel(id.textValue())) {
            throw bad("A device's id is a text such as \"ABCDEF1234\".");
        }
        return id.textValue();
    }

    private @Nullable Instant start() throws BadException {
        if (!json.has("at")) {
            return null;
        }
        try {
            Instant at = OffsetDateTime.parse(text("at", 40)).toInstant();
            if (at.isAfter(now.plus(LATEST_START))) {
                throw bad("\"at\" may lie a year ahead.");
            }
            return at;
        } catch (DateTimeException unreadable) {
            throw bad("\"at\" must be a time such as 2027-01-31T12:00:00Z.");
        }
    }

    private StopRule stop() throws BadException {
        JsonNode stop = json.path("stop");
        if (stop.isMissingNode()) {
            return StopRule.NEVER;
        }
        JsonNode share = stop.path("failureShare");
        JsonNode after = stop.path("after");
        if (!share.isNumber() || share.doubleValue() < 0 || share.doubleValue() > 1) {
            throw bad("\"stop\" needs \"failureShare\", a number from 0 to 1.");
        }
        if (!after.isMissingNode() && !(after.isInt() && after.intValue() >= 1)) {
            throw bad("\"stop.after\" must be a whole number of devices, from 1.");
        }
        return new StopRule(share.doubleValue(), after.asInt(1));
    }

    private int number(String member, int absent, int least, int most) throws BadException {
        JsonNode number = json.path(member);
        if (number.isMissingNode()) {
            return absent;
        }
        if (!number.isInt() || number.intValue() < least || number.intValue() > most) {
            throw bad("\"" + member + "\" must be a whole number from " + least + " to " + most + ".");
        }
        return number.intValue();
    }

    private String text(String member, int longest) throws BadException {
        JsonNode node = json.path(member);
        if (!node.isTextual() || node.textValue().isEmpty() || node.textValue().length() > longest) {
            throw bad("\"" + member + "\" must be a text of 1 to " + longest + " characters.");
        }
        if (node.textValue().indexOf('\0') >= 0) {
            throw bad("\"" + member + "\" holds the character U+0000.");
        }
        return node.textValue();
    }

    private static BadException bad(String detail) {
        return new BadException("bad-request", detail);
    }
}
