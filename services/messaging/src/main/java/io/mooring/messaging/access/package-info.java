/** Who signed a request in AWS' form, and what they may: devices' access keys, and those of applications. */
@NullMarked
package io.mooring.messaging.access;

import org.jspecify.annotations.NullMarked;
