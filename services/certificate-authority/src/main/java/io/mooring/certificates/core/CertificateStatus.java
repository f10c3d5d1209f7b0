package io.mooring.certificates.core;

import java.time.Instant;

/** What an authority says of a serial number (RFC 6960, section 2.2). */
public sealed interface CertificateStatus {
    /** It was issued, and not revoked. */
    record Good() implements CertificateStatus {}

    /** It no longer counts. */
    record Revoked(RevocationReason reason, Instant at) implements CertificateStatus {}

    /** The authority never issued it. */
    record Unknown() implements CertificateStatus {}
}
