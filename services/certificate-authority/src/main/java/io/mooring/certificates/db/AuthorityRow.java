package io.mooring.certificates.db;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.RevocationReason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * An authority as it lies in the database.
 *
 * @param issuer the authority that signed it, unless it came from elsewhere
 * @param certificate DER
 * @param above the certificates above it, DER, where it came from elsewhere
 * @param key where its private key is
 * @param activeFrom from when on it signs
 * @param revoked when its certificate was revoked
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record AuthorityRow(
        UUID id,
        AuthorityName name,
        Optional<UUID> issuer,
        byte[] certificate,
        List<byte[]> above,
        Key key,
        Instant activeFrom,
        Optional<Instant> revoked,
        Optional<RevocationReason> reason) {
    /** Where an authority's private key is. */
    public sealed interface Key {
        /**
         * In the row, encrypted.
         *
         * @param masterKeyId which master key it is encrypted under
         */
        @SuppressWarnings("ArrayRecordComponent")
        record Sealed(byte[] bytes, String masterKeyId) implements Key {}

        /** On the token. */
        record OnToken(String label) implements Key {}

        /** In a file that is there when it is needed. */
        record Away() implements Key {}
    }
}
