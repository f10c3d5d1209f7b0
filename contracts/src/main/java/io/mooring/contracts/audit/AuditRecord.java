package io.mooring.contracts.audit;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something was done, or refused. Nothing in it may be secret. Values of the maps are texts, numbers, booleans, and lists
 * and maps of such.
 *
 * @param action what was asked, such as {@code ClaimDevice}
 * @param kind how it came about
 * @param category what it concerned
 * @param readOnly whether it could change nothing
 * @param parameters what was asked for
 * @param response what was answered; empty for reads and refusals
 * @param errorCode why it was refused, for machines; empty if it was not
 * @param errorMessage the same for people
 * @param details what else there is to know
 * @param at when
 */
public record AuditRecord(
        String action,
        Kind kind,
        Category category,
        AuditCaller caller,
        boolean readOnly,
        Map<String, ?> parameters,
        Map<String, ?> response,
        String errorCode,
        String errorMessage,
        Map<String, ?> details,
        Instant at) {
    /** CloudTrail's {@code eventVersion}. */
    public static final String VERSION = "1.11";

    /** How it came about: CloudTrail's {@code eventType}. */
    public enum Kind {
        /** Somebody called an API. */
        API_CALL("AwsApiCall"),
        /** A service did it by itself, or took note of something that was no call. */
        SERVICE_EVENT("AwsServiceEvent"),
        /** A person signed in. */
        SIGN_IN("AwsConsoleSignIn");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /** What it concerned: CloudTrail's {@code eventCategory}. */
    public enum Category {
        /** The cloud itself: who may what. */
        MANAGEMENT("Management"),
        /** What is in it: rows, messages, files. */
        DATA("Data");

        private final String text;

        Category(String text) {
            this.text = text;
        }
    }

    public AuditRecord {
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(caller, "caller");
        parameters = sorted(parameters);
        response = sorted(response);
        details = sorted(details);
    }

    /** A call that was done and changed something. */
    public static AuditRecord done(
            String action, AuditCaller caller, Map<String, ?> parameters, Map<String, ?> response, Instant at) {
        return new AuditRecord(
                action, Kind.API_CALL, Category.MANAGEMENT, caller, false, parameters, response, "", "", Map.of(), at);
    }

    /** A call that was refused. */
    public static AuditRecord refused(
            String action,
            AuditCaller caller,
            Map<String, ?> parameters,
            String errorCode,
            String errorMessage,
            Instant at) {
        return new AuditRecord(
                action,
                Kind.API_CALL,
                Category.MANAGEMENT,
                caller,
                false,
                parameters,
                Map.of(),
                errorCode,
                errorMessage,
                Map.of(),
                at);
    }

    /** The same, of a call that can change nothing. */
    public AuditRecord asRead() {
        return new AuditRecord(
                action, kind, category, caller, true, parameters, response, errorCode, errorMessage, details, at);
    }

    /** The same, come about otherwise. */
    public AuditRecord as(Kind otherKind, Category otherCategory) {
        return new AuditRecord(
                action,
                otherKind,
                otherCategory,
                caller,
                readOnly,
                parameters,
                response,
                errorCode,
                errorMessage,
                details,
                at);
    }

    /** The same, with what else there is to know. */
    public AuditRecord with(Map<String, ?> otherDetails) {
        return new AuditRecord(
                action,
                kind,
                category,
                caller,
                readOnly,
                parameters,
                response,
                errorCode,
                errorMessage,
                otherDetails,
                at);
    }

    /**
     * The fields of the record as it is published, in order.
     *
     * @param id the event's own, unique
     * @param service whose event it is, without {@code .mooring}
     * @param region where the cloud runs; empty if the source does not know
     * @param position its number
     */
    public Map<String, @Nullable Object> toCloudTrail(UUID id, String service, String region, AuditPosition position) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("eventVersion", VERSION);
        fields.put("userIdentity", identity());
        fields.put("eventTime", at.truncatedTo(ChronoUnit.SECONDS).toString());
        fields.put("eventSource", service + ".mooring");
        fields.put("eventName", action);
        putText(fields, "awsRegion", region);
        putText(fields, "sourceIPAddress", caller.address());
        putText(fields, "userAgent", caller.userAgent());
        putText(fields, "errorCode", errorCode);
        putText(fields, "errorMessage", errorMessage);
        fields.put("requestParameters", parameters.isEmpty() ? null : parameters);
        fields.put("responseElements", response.isEmpty() ? null : response);
        Map<String, @Nullable Object> additional = new LinkedHashMap<>(details);
        additional.put("sequence", position.fields());
        fields.put("additionalEventData", additional);
        fields.put("requestID", id.toString());
        fields.put("eventID", id.toString());
        fields.put("readOnly", readOnly);
        fields.put("eventType", kind.text);
        fields.put("managementEvent", category == Category.MANAGEMENT);
        fields.put("eventCategory", category.text);
        return fields;
    }

    private Map<String, @Nullable Object> identity() {
        Map<String, @Nullable Object> identity = new LinkedHashMap<>();
        identity.put("type", caller.type());
        identity.put("principalId", caller.name());
        putText(identity, "accountId", caller.account());
        identity.put("userName", caller.name());
        return identity;
    }

    private static void putText(Map<String, @Nullable Object> fields, String name, String text) {
        if (!text.isEmpty()) {
            fields.put(name, text);
        }
    }

    private static Map<String, ?> sorted(Map<String, ?> values) {
        return Collections.unmodifiableMap(new TreeMap<>(values));
    }
}
