package io.mooring.provisioning.keys;

import org.jose4j.jwk.PublicJsonWebKey;

/**
 * A key that tokens are signed with.
 *
 * @param key both parts of it, with its id and algorithm
 */
record SigningKey(PublicJsonWebKey key, KeySchedule.Term term) {
    /** Without the private part. */
    @Override
    public String toString() {
        return "SigningKey[" + key.getKeyId() + ", " + term + "]";
    }
}
