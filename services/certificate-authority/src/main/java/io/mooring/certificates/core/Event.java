package io.mooring.certificates.core;

import io.mooring.contracts.audit.AuditRecord;
import java.time.Instant;

/** What is told to the world. */
public sealed interface Event {
    /** A certificate was made. */
    record Issued(IssuedCertificate certificate, Instant at) implements Event {}

    /** A certificate no longer counts. */
    record Revoked(RevokedCertificate certificate) implements Event {}

    /** Somebody called; for the audit trail. */
    record Audited(AuditRecord record) implements Event {}
}
