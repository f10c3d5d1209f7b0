package io.mooring.contracts.access;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of its own signature, not believed yet.
 *
 * @param timestamp as sent, {@code yyyyMMdd'T'HHmmss'Z'}
 * @param goodFor how long after it a presigned URL may be used; null if the signature is in the header
 */
record SignatureClaim(
        String keyId,
        CredentialScope scope,
        String timestamp,
        Instant signedAt,
        @Nullable Duration goodFor,
        List<String> signedHeaders,
        String signature,
        @Nullable String sessionToken) {
    static final String SIGNATURE_PARAMETER = "X-Amz-Signature";
    private static final String PARAMETER = "X-Amz-";
    private static final int LONGEST_HEADER = 4096;
    private static final Pattern SIGNATURE = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern HEADER_NAMES = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]+(;[a-z0-9!#$%&'*+.^_`|~-]+)*");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,7}");
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'");

    /** The outcome of reading. */
    sealed interface Reading {
        record Read(SignatureClaim claim) implements Reading {}

        record Failed(AccessRefusal refusal) implements Reading {}
    }

    boolean isPresigned() {
        return goodFor != null;
    }

    /** Finds the signature, in the {@code Authorization} header or in the query. */
    static Reading of(RequestDescription request, QueryParameters query) {
        List<String> authorization = request.values("authorization");
        boolean inQuery = query.has(PARAMETER + "Algorithm") || query.has(SIGNATURE_PARAMETER);
        if (authorization.isEmpty() && !inQuery) {
            return failed(AccessRefusal.Reason.NOT_SIGNED, "the request is not signed");
        }
        if (authorization.size() > 1 || (!authorization.isEmpty() && inQuery)) {
            return malformed("only one signature is allowed");
        }
        return inQuery ? ofQuery(query) : ofHeader(request, authorization.get(0).strip());
    }

    private static Reading ofHeader(RequestDescription request, String header) {
        if (!header.startsWith(CredentialScope.ALGORITHM + " ") || header.length() > LONGEST_HEADER) {
            return failed(AccessRefusal.Reason.NOT_SIGNED, "only " + CredentialScope.ALGORITHM + " is understood");
        }
        Map<String, String> parts = new HashMap<>();
        for (String part : header.substring(CredentialScope.ALGORITHM.length()).split(",")) {
            String[] pair = part.strip().split("=", 2);
            if (pair.length != 2 || parts.put(pair[0], pair[1].strip()) != null) {
                return malformed("the Authorization header is not of the form of " + CredentialScope.ALGORITHM);
            }
        }
        List<String> dates = request.values("x-amz-date");
        List<String> tokens = request.values("x-amz-security-token");
        if (dates.size() != 1 || tokens.size() > 1) {
            return malformed("one x-amz-date and at most one x-amz-security-token are needed");
        }
        return read(
                parts.get("Credential"),
                dates.get(0).strip(),
                null,
                parts.get("SignedHeaders"),
                parts.get("Signature"),
                tokens.isEmpty() ? null : tokens.get(0).strip());
    }

    private static Reading ofQuery(QueryParameters query) {
        Optional<String> algorithm = query.only(PARAMETER + "Algorithm");
        Optional<String> expires = query.only(PARAMETER + "Expires");
        if (!algorithm.equals(Optional.of(CredentialScope.ALGORITHM))) {
            return malformed("only " + CredentialScope.ALGORITHM + " is understood");
        }
        if (expires.isEmpty() || !DIGITS.matcher(expires.get()).matches()) {
            return malformed("X-Amz-Expires is not a number of seconds");
        }
        if (query.has(PARAMETER + "Security-Token")
                && query.only(PARAMETER + "Security-Token").isEmpty()) {
            return malformed("X-Amz-Security-Token is there twice");
        }
        return read(
                query.only(PARAMETER + "Credential").orElse(null),
                query.only(PARAMETER + "Date").orElse(null),
                Duration.ofSeconds(Long.parseLong(expires.get())),
                query.only(PARAMETER + "SignedHeaders").orElse(null),
                query.only(SIGNATURE_PARAMETER).orElse(null),
                query.only(PARAMETER + "Security-Token").orElse(null));
    }

    private static Reading read(
            @Nullable String credential,
            @Nullable String timestamp,
            @Nullable Duration goodFor,
            @Nullable String signedHeaders,
            @Nullable String signature,
            @Nullable String token) {
        if (credential == null || timestamp == null || signedHeaders == null || signature == null) {
            return malformed("credential, date, signed headers and signature are all needed, once each");
        }
        String[] scope = credential.split("/", -1);
        if (scope.length != 5 || !scope[4].equals(CredentialScope.TERMINATOR)) {
            return malformed("the credential is not KEY/DATE/REGION/SERVICE/" + CredentialScope.TERMINATOR);
        }
        Optional<Instant> signedAt = instant(timestamp);
        if (signedAt.isEmpty() || !timestamp.startsWith(scope[1] + "T")) {
            return malformed("the date is not of the form yyyyMMdd'T'HHmmss'Z', or not that of the credential");
        }
        List<String> names = Arrays.asList(signedHeaders.split(";"));
        if (!HEADER_NAMES.matcher(signedHeaders).matches() || new HashSet<>(names).size() != names.size()) {
            return malformed("the signed headers are not names in lower case, once each");
        }
        if (!SIGNATURE.matcher(signature).matches()) {
            return malformed("the signature is not 64 hexadecimal digits");
        }
        return new Reading.Read(new SignatureClaim(
                scope[0],
                new CredentialScope(scope[1], scope[2], scope[3]),
                timestamp,
                signedAt.get(),
                goodFor,
                names,
                signature,
                token));
    }

    static String timestamp(Instant at) {
        return TIMESTAMP.format(at.atOffset(ZoneOffset.UTC));
    }

    private static Optional<Instant> instant(String timestamp) {
        try {
            return Optional.of(LocalDateTime.parse(timestamp, TIMESTAMP).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Reading malformed(String detail) {
        return failed(AccessRefusal.Reason.MALFORMED, detail);
    }

    private static Reading failed(AccessRefusal.Reason reason, String detail) {
        return new Reading.Failed(AccessRefusal.of(reason, detail));
    }
}
