/** Which steps of the bridge's are recorded in traces (docs/operations.md, Traces), and who is told where they go on. */
@NullMarked
package io.mooring.bridge.trace;

import org.jspecify.annotations.NullMarked;
