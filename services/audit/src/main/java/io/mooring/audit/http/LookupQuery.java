package io.mooring.audit.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.audit.db.SearchStore.Cursor;
import io.mooring.audit.db.SearchStore.Filter;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What {@code LookupEvents} asks (CloudTrail API reference): one attribute, a time, a page. */
record LookupQuery(Filter filter, @Nullable Cursor after, int most) {
    /** A request that cannot be understood, with AWS' name of the error. */
    static final class BadLookupException extends Exception {
        private final String type;

        BadLookupException(String type, String message) {
            super(message);
            this.type = type;
        }

        String type() {
            return type;
        }
    }

    static LookupQuery of(JsonNode asked, int most) throws BadLookupException {
        JsonNode attributes = asked.path("LookupAttributes");
        if (attributes.size() > 1) {
            throw new BadLookupException("InvalidLookupAttributesException", "one attribute at most");
        }
        String key = attributes.path(0).path("AttributeKey").asText("");
        String value = attributes.path(0).path("AttributeValue").asText("");
        Instant from =
                asked.path("StartTime").isNumber() ? CloudTrailResource.time(asked, "StartTime", Instant.EPOCH) : null;
        Instant to = asked.path("EndTime").isNumber() ? CloudTrailResource.time(asked, "EndTime", Instant.EPOCH) : null;
        int wanted = asked.path("MaxResults").asInt(most);
        if (wanted < 1 || wanted > most) {
            throw new BadLookupException("InvalidMaxResultsException", "MaxResults is 1 to " + most);
        }
        String token = asked.path("NextToken").asText("");
        Cursor after = token.isEmpty() ? null : Cursor.of(token);
        if (!token.isEmpty() && after == null) {
            throw new BadLookupException("InvalidNextTokenException", "NextToken is what the page before said");
        }
        return new LookupQuery(filter(key, value, from, to), after, wanted);
    }

    private static Filter filter(String key, String value, @Nullable Instant from, @Nullable Instant to)
            throws BadLookupException {
        boolean readOnly = key.equals("ReadOnly");
        return switch (key) {
            case "", "EventId", "EventName", "Username", "EventSource", "ResourceName", "ReadOnly" ->
                new Filter(
                        key.equals("EventId") ? uuid(value) : null,
                        key.equals("Username") ? value : null,
                        key.equals("EventName") ? value : null,
                        key.equals("EventSource") ? value : null,
                        key.equals("ResourceName") ? value : null,
                        null,
                        null,
                        null,
                        null,
                        readOnly ? Boolean.valueOf(value) : null,
                        from,
                        to);
            default ->
                throw new BadLookupException(
                        "InvalidLookupAttributesException",
                        "by EventId, EventName, EventSource, ReadOnly, ResourceName (a device) or Username");
        };
    }

    private static UUID uuid(String value) throws BadLookupException {
        try {
            return UUID.fromString(value);
        } catch (IllegalArgumentException none) {
            throw new BadLookupException("InvalidLookupAttributesException", "an EventId is a UUID");
        }
    }
}
