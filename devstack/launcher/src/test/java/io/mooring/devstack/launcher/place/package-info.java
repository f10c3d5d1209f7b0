/** Tests. */
@NullMarked
package io.mooring.devstack.launcher.place;

import org.jspecify.annotations.NullMarked;
