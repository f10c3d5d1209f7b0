/** How the service reads what it is given. */
@NullMarked
package io.mooring.sync;

import org.jspecify.annotations.NullMarked;
