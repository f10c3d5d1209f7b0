package io.mooring.certificates.x509;

import java.util.Optional;
import java.util.UUID;

/**
 * Where a certificate says that more can be learnt about it (RFC 5280, sections 4.2.1.13 and 4.2.2.1).
 *
 * @param publicUrl under which everybody reaches this service, without a slash at the end; if there is
 *     none, certificates point nowhere
 */
public record Pointers(Optional<String> publicUrl) {
    /** Reads what is configured: plain HTTP, since whoever checks a certificate may not have a checked one yet. */
    public static Pointers parse(Optional<String> configured) {
        configured.ifPresent(url -> {
            if (!url.matches("http://[A-Za-z0-9.\\[\\]:_-]+(/[A-Za-z0-9._~/-]*)?")) {
                throw new IllegalStateException(
                        "mooring.certificates.public-url must be a plain http:// URL (RFC 5280, section 8): " + url);
            }
        });
        return new Pointers(configured.map(url -> url.endsWith("/") ? url.substring(0, url.length() - 1) : url));
    }

    /** Where an authority's list of revoked certificates is. */
    public Optional<String> revocationList(UUID authority) {
        return publicUrl.map(url -> url + "/crl/" + authority + ".crl");
    }

    /** Who answers about a single certificate (OCSP). */
    public Optional<String> responder() {
        return publicUrl.map(url -> url + "/ocsp");
    }

    /** Where an authority's own certificate is. */
    public Optional<String> certificate(UUID authority) {
        return publicUrl.map(url -> url + "/authorities/" + authority + ".cer");
    }
}
