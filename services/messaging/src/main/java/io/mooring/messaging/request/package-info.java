/** Requests of devices, answered from their rows or by applications; and requests of applications to devices. */
@NullMarked
package io.mooring.messaging.request;

import org.jspecify.annotations.NullMarked;
