package io.mooring.contracts.access;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Makes URLs that carry their own signature (Signature Version 4, "authenticating requests using query parameters"). */
public final class UrlPresigner {
    private final SignatureRules rules;

    public UrlPresigner(SignatureRules rules) {
        this.rules = rules;
    }

    /**
     * A URL for one operation.
     *
     * @param base scheme, host and port, as the client will write them in {@code Host}
     * @param path the path, decoded
     * @param parameters more parameters of the query; whoever uses the URL cannot change them
     * @param goodFor from {@code now} on, in whole seconds
     */
    public URI presign(
            AccessKey key,
            String method,
            URI base,
            String path,
            Map<String, String> parameters,
            Instant now,
            Duration goodFor) {
        String timestamp = SignatureClaim.timestamp(now);
        CredentialScope scope = new CredentialScope(timestamp.substring(0, 8), rules.region(), rules.service());
        StringBuilder raw = new StringBuilder();
        parameters.forEach((name, value) -> append(raw, name, value));
        append(raw, "X-Amz-Algorithm", CredentialScope.ALGORITHM);
        append(raw, "X-Amz-Credential", key.id() + "/" + scope.text());
        append(raw, "X-Amz-Date", timestamp);
        append(raw, "X-Amz-Expires", Long.toString(goodFor.toSeconds()));
        append(raw, "X-Amz-Security-Token", key.sessionToken());
        append(raw, "X-Amz-SignedHeaders", "host");
        String rawPath = QueryParameters.encode(bytes(path), false);
        RequestDescription request = new RequestDescription(
                method,
                rawPath,
                raw.toString(),
                List.of(new RequestDescription.Header("host", base.getRawAuthority())),
                null);
        QueryParameters query = QueryParameters.read(request.query())
                .orElseThrow(() -> new IllegalArgumentException("too many parameters"));
        String canonical =
                CanonicalRequest.sha256(request, rules.pathOnce(), query, "", List.of("host"), "UNSIGNED-PAYLOAD");
        String signature = RequestVerifier.hex(
                Digests.hmac(scope.signingKey(key.secret()), scope.stringToSign(timestamp, canonical)));
        append(raw, SignatureClaim.SIGNATURE_PARAMETER, signature);
        return URI.create(base.getScheme() + "://" + base.getRawAuthority() + rawPath + "?" + raw);
    }

    private static void append(StringBuilder query, String name, String value) {
        if (query.length() > 0) {
            query.append('&');
        }
        query.append(QueryParameters.encode(bytes(name), true))
                .append('=')
                .append(QueryParameters.encode(bytes(value), true));
    }

    /** One character for each byte of the UTF-8 form. */
    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
