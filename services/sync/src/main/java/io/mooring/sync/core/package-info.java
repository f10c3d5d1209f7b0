/** What sync decides, as pure functions of facts: values, keys, merges, what a schema becomes. */
@NullMarked
package io.mooring.sync.core;

import org.jspecify.annotations.NullMarked;
