package io.mooring.certificates.db;

import io.mooring.certificates.core.AuthorityName;
import java.util.UUID;

/**
 * An authority as it lies in the database.
 *
 * @param certificate DER
 * @param sealedKey its private key, encrypted
 * @param masterKeyId which master key it is encrypted under
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record AuthorityRow(UUID id, AuthorityName name, byte[] certificate, byte[] sealedKey, String masterKeyId) {}
