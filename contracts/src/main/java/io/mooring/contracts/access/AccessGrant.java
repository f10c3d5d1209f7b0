package io.mooring.contracts.access;

import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What an access key is good for, as its session token says.
 *
 * @param device whose it is
 * @param cloud the device cloud it belongs to
 * @param account who owns the device
 * @param scopes what it may be used with, such as {@link #FILES}
 * @param since since when the device was in the state it had when this was issued. The registry says the same of every
 *     device; once it says a later time, the device was blocked, released or claimed anew, and the key is worth nothing.
 *     Renewal of a certificate leaves that time alone, and so the key
 * @param issued when, to the millisecond
 * @param expires its end, to the millisecond
 */
public record AccessGrant(
        String device,
        String cloud,
        String account,
        Set<String> scopes,
        Instant since,
        Instant issued,
        Instant expires) {
    /** The device's own files, by the wire form of Amazon S3. */
    public static final String FILES = "files";

    /** The device's own shadows, by the wire form of AWS IoT's data plane. */
    public static final String SHADOWS = "shadows";

    /** The device's own log stream, by the wire form of Amazon CloudWatch Logs. */
    public static final String LOGS = "logs";

    /** The device's own metrics, by the wire form of Amazon CloudWatch. */
    public static final String METRICS = "metrics";

    /**
     * The key is an application's, and {@link #device} the application's id. What it may is not said here, but by whoever
     * keeps the applications. Another scope is the SHA-256, in lower-case hex, of the token that it asked with: the key is
     * worth nothing once that token is.
     */
    public static final String APPLICATION = "application";

    /**
     * The key is an operator's, and {@link #device} the operator's name. Another scope is the hash of the token, as of an
     * {@link #APPLICATION}.
     */
    public static final String OPERATOR = "operator";

    /** Stands for the account of an application, which is of a cloud and of no account. */
    public static final String NO_ACCOUNT = "-";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    public AccessGrant {
        scopes = Set.copyOf(scopes);
        requireName(device);
        requireName(cloud);
        requireName(account);
        scopes.forEach(AccessGrant::requireName);
        since = Instant.ofEpochMilli(since.toEpochMilli());
        issued = Instant.ofEpochMilli(issued.toEpochMilli());
        expires = Instant.ofEpochMilli(expires.toEpochMilli());
    }

    /** Whether it may be used with this. */
    public boolean covers(String scope) {
        return scopes.contains(scope);
    }

    /** The scopes as one text, in order, separated by spaces. */
    String scopeText() {
        return String.join(" ", new TreeSet<>(scopes));
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name: 1 to 64 letters, digits, _ . -");
        }
    }
}
