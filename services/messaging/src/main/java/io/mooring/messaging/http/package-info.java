/** The applications' HTTP door; errors become statuses only here. */
@NullMarked
package io.mooring.messaging.http;

import org.jspecify.annotations.NullMarked;
