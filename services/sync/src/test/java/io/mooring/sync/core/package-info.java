/** What sync decides, without anything around it. */
@NullMarked
package io.mooring.sync.core;

import org.jspecify.annotations.NullMarked;
