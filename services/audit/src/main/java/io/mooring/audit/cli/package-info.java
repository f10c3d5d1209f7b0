/** What verifies a trail without a running cloud. */
@NullMarked
package io.mooring.audit.cli;

import org.jspecify.annotations.NullMarked;
