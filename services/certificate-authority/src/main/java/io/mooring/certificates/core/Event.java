package io.mooring.certificates.core;

import java.time.Instant;
import java.util.Map;

/** What is told to the world. */
public sealed interface Event {
    /** A certificate was made. */
    record Issued(IssuedCertificate certificate, Instant at) implements Event {}

    /** A certificate no longer counts. */
    record Revoked(RevokedCertificate certificate) implements Event {}

    /**
     * Somebody called; for the audit trail.
     *
     * @param action what was asked, such as {@code IssueDeviceCertificate}
     * @param client who asked, as authenticated; {@code anonymous} if not
     * @param address where from
     * @param parameters what was asked for, without secrets
     * @param response what was answered, empty if refused
     * @param errorCode why it was refused, empty if it was not
     */
    record Audited(
            String action,
            String client,
            String address,
            Map<String, String> parameters,
            Map<String, String> response,
            String errorCode,
            String errorMessage,
            Instant at)
            implements Event {
        public Audited {
            parameters = Map.copyOf(parameters);
            response = Map.copyOf(response);
        }
    }
}
