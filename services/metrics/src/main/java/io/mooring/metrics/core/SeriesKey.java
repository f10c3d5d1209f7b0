package io.mooring.metrics.core;

/**
 * A series: one metric of one owner, with one set of dimensions.
 *
 * @param cloud the device cloud
 * @param generation of a device, how often it changed hands: whoever gets it next inherits nothing; else 0
 * @param metric its name
 */
public record SeriesKey(String cloud, Owner owner, int generation, String metric, Dimensions dimensions) {}
