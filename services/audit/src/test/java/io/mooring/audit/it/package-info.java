/** Tests. */
@NullMarked
package io.mooring.audit.it;

import org.jspecify.annotations.NullMarked;
