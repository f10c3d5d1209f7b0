/**
 * Metrics: what devices measure. Decides which points count and where, keeps them in windows that can be merged and grow
 * coarser with age, answers devices and people, and hands on what it keeps.
 */
@NullMarked
package io.mooring.metrics;

import org.jspecify.annotations.NullMarked;
