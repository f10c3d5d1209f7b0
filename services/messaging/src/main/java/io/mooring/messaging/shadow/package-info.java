/** Shadows: what devices, applications and SQL ask of them, loaded, decided and saved. */
@NullMarked
package io.mooring.messaging.shadow;

import org.jspecify.annotations.NullMarked;
