/** How figures get into docs: a page with a place for each benchmark, and pictures. */
@NullMarked
package io.mooring.bench.report;

import org.jspecify.annotations.NullMarked;
