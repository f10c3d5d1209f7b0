package io.mooring.provisioning.core;

/**
 * A certificate the authority must be told no longer counts.
 *
 * @param reason as RFC 5280, section 5.3.1 names it
 */
public record Revocation(String serial, String reason) {}
