package io.mooring.sync.core;

/**
 * Why a change was not taken. It is acknowledged all the same, or the device would send it for ever.
 *
 * @param key the name by which the device waits
 * @param code for programs
 * @param detail for people
 */
public record Refusal(String key, String code, String detail) {}
