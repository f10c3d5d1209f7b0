package io.mooring.logs.core;

/**
 * A line that is kept.
 *
 * @param seq its number: rises in the order in which lines were taken
 * @param product of which the device was then; empty if that was not known
 * @param keep for how many days
 */
public record KeptLine(long seq, String cloud, String product, String device, int keep, Line line) {}
