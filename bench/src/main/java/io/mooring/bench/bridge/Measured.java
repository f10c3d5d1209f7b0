package io.mooring.bench.bridge;

/**
 * What one run showed.
 *
 * @param perSecond messages acknowledged
 * @param p50Millis half of them were acknowledged within
 * @param p99Millis nearly all of them were acknowledged within
 */
record Measured(double perSecond, double p50Millis, double p99Millis) {}
