/** What a line is, what may be said and asked of lines. Pure. */
@NullMarked
package io.mooring.logs.core;

import org.jspecify.annotations.NullMarked;
