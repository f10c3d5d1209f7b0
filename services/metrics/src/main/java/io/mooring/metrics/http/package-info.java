/** The HTTP API; errors become statuses only here. */
@NullMarked
package io.mooring.metrics.http;

import org.jspecify.annotations.NullMarked;
