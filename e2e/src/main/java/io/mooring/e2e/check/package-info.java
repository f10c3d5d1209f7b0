/**
 * The convergence checker: a whole cloud, devices and SQL writers doing what one seed says, whatever can go wrong going
 * wrong meanwhile, and a history of it all. What the history proves is decided in {@link io.mooring.e2e.verdict}.
 */
@NullMarked
package io.mooring.e2e.check;

import org.jspecify.annotations.NullMarked;
