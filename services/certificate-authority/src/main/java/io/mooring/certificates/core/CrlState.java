package io.mooring.certificates.core;

import java.time.Instant;

/**
 * How an authority's list of revoked certificates stands.
 *
 * @param number of the list last made, 0 if there is none yet
 * @param scheduled when a list was last made by schedule
 * @param revocations how many revocations there ever were
 * @param listed how many of them the list last made knew of
 */
public record CrlState(long number, Instant scheduled, long revocations, long listed) {}
