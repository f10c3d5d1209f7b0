package io.mooring.provisioning.core;

/**
 * Why something was not done.
 *
 * @param code machine-readable, stable, such as {@code not_claimed}
 * @param detail for people; never holds a secret
 */
public record Refusal(String code, String detail) {}
