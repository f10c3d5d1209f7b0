package io.mooring.logs.core;

/**
 * Why something was not done.
 *
 * @param code machine-readable, stable, such as {@code unknown-device}
 * @param detail for people; never holds a secret
 */
public record Refusal(String code, String detail) {}
