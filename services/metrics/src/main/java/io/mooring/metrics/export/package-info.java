/** Hands on what is kept, to the places where people look already. */
@NullMarked
package io.mooring.metrics.export;

import org.jspecify.annotations.NullMarked;
