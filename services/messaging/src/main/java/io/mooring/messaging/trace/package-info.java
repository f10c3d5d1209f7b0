/** Which steps of the service's are recorded in traces (docs/operations.md, Traces). */
@NullMarked
package io.mooring.messaging.trace;

import org.jspecify.annotations.NullMarked;
