package io.mooring.certificates.core;

import java.time.Duration;

/**
 * How long new authorities are valid.
 *
 * @param root from its making on
 * @param issuing from its making on, but no longer than the root
 * @param backdate how much before its making
 */
public record AuthorityLifetimes(Duration root, Duration issuing, Duration backdate) {}
