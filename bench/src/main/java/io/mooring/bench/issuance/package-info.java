/** Measures how many certificates are issued in a second, against bare signing on the same cores in the same run. */
@NullMarked
package io.mooring.bench.issuance;

import org.jspecify.annotations.NullMarked;
