package io.mooring.audit.http;

import io.mooring.audit.db.SearchStore.Cursor;
import io.mooring.audit.db.SearchStore.Filter;
import jakarta.ws.rs.QueryParam;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is looked for, as a query says it. */
public class EventQuery {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MOST = 1000;

    @QueryParam("id")
    @Nullable
    String id;

    @QueryParam("who")
    @Nullable
    String who;

    @QueryParam("what")
    @Nullable
    String what;

    @QueryParam("source")
    @Nullable
    String source;

    @QueryParam("device")
    @Nullable
    String device;

    @QueryParam("cloud")
    @Nullable
    String cloud;

    @QueryParam("address")
    @Nullable
    String address;

    @QueryParam("error")
    @Nullable
    String error;

    @QueryParam("refused")
    @Nullable
    String refused;

    @QueryParam("readOnly")
    @Nullable
    String readOnly;

    @QueryParam("from")
    @Nullable
    String from;

    @QueryParam("to")
    @Nullable
    String to;

    @QueryParam("after")
    @Nullable
    String after;

    @QueryParam("limit")
    @Nullable
    String limit;

    /** Something in the query that is not what it should be. */
    static final class BadQueryException extends Exception {
        BadQueryException(String detail) {
            super(detail);
        }
    }

    Filter filter() throws BadQueryException {
        return new Filter(
                uuid(id),
                who,
                what,
                source,
                device,
                cloud,
                address,
                error,
                flag("refused", refused),
                flag("readOnly", readOnly),
                time("from", from),
                time("to", to));
    }

    @Nullable
    Cursor cursor() throws BadQueryException {
        if (after == null) {
            return null;
        }
        Cursor cursor = Cursor.of(after);
        if (cursor == null) {
            throw new BadQueryException("\"after\" is what the page before said as \"next\".");
        }
        return cursor;
    }

    int limit() throws BadQueryException {
        if (limit == null) {
            return DEFAULT_LIMIT;
        }
        if (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > MOST) {
            throw new BadQueryException("\"limit\" is a number from 1 to " + MOST + ".");
        }
        return Integer.parseInt(limit);
    }

    /** What was asked, for the trail. */
    Map<String, String> asked() {
        Map<String, String> asked = new TreeMap<>();
        put(asked, "id", id);
        put(asked, "who", who);
        put(asked, "what", what);
        put(asked, "source", source);
        put(asked, "searchedDevice", device);
        put(asked, "searchedCloud", cloud);
        put(asked, "address", address);
        put(asked, "error", error);
        put(asked, "from", from);
        put(asked, "to", to);
        return asked;
    }

    private static void put(Map<String, String> asked, String name, @Nullable String value) {
        if (value != null) {
            asked.put(name, value.substring(0, Math.min(value.length(), 128)));
        }
    }

    private static @Nullable UUID uuid(@Nullable String text) throws BadQueryException {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException none) {
            throw new BadQueryException("\"id\" is a UUID.");
        }
    }

    private static @Nullable Boolean flag(String name, @Nullable String text) throws BadQueryException {
        return switch (text) {
            case null -> null;
            case "true" -> true;
            case "false" -> false;
            default -> throw new BadQueryException('"' + name + "\" is true or false.");
        };
    }

    private static @Nullable Instant time(String name, @Nullable String text) throws BadQueryException {
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException none) {
            throw new BadQueryException('"' + name + "\" is a time such as 2026-09-01T10:00:00Z.");
        }
    }
}
