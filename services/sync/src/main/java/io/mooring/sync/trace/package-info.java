/** Which steps of the service's are recorded in traces (docs/operations.md, Traces). */
@NullMarked
package io.mooring.sync.trace;

import org.jspecify.annotations.NullMarked;
