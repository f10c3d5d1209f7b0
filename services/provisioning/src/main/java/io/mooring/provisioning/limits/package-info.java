/** How often somebody may do something, and what is said of it if not; all of it in bounded memory. */
@NullMarked
package io.mooring.provisioning.limits;

import org.jspecify.annotations.NullMarked;
