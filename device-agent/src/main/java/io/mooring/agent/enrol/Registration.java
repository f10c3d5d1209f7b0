package io.mooring.agent.enrol;

/**
 * That a device was claimed, and so may ask for a certificate.
 *
 * @param api base URL of the device API
 * @param token the device's bearer token
 * @param cloud the cloud's name
 */
public record Registration(String api, String token, String cloud) {
    /** Without the token. */
    @Override
    public String toString() {
        return "Registration[api=" + api + ", cloud=" + cloud + "]";
    }
}
