package io.mooring.contracts.access;

/**
 * A key, as {@code getCreds} answers it (device protocol, section 1.4).
 *
 * @param id {@code MK} and 18 characters; no secret
 * @param secret what requests are signed with
 * @param sessionToken says whose it is and until when; sent with each request
 * @param grant the same, read
 */
public record AccessKey(String id, String secret, String sessionToken, AccessGrant grant) {
    /** Without the secret and the token, so that no log can have them. */
    @Override
    public String toString() {
        return "AccessKey[id=" + id + ", grant=" + grant + "]";
    }
}
