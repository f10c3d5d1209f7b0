/** The merge rule: how rows written in several places become the same row everywhere. */
@NullMarked
package io.mooring.contracts.sync;

import org.jspecify.annotations.NullMarked;
