package io.mooring.certificates.core;

/**
 * Why something was not done.
 *
 * @param code machine-readable, stable, such as {@code weak_key}
 * @param detail for people; never holds a secret
 */
public record Refusal(String code, String detail) {}
