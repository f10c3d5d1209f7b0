/**
 * What becomes of a device's shadows: AWS IoT's rules ("AWS IoT Device Shadow service", developer guide) as a pure
 * decision. Documents are Jackson's trees, and none that was handed out is changed.
 */
@NullMarked
package io.mooring.messaging.core.shadow;

import org.jspecify.annotations.NullMarked;
