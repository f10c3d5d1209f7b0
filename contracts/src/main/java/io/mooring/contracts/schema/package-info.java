/** The schema of a device cloud: its models, their fields, keys and ways of sync. */
@NullMarked
package io.mooring.contracts.schema;

import org.jspecify.annotations.NullMarked;
