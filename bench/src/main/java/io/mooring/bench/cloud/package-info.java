/** A whole cloud to be measured, and devices that join it step by step. */
@NullMarked
package io.mooring.bench.cloud;

import org.jspecify.annotations.NullMarked;
