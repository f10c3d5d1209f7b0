/** How many devices a cloud takes in a second. */
@NullMarked
package io.mooring.bench.onboarding;

import org.jspecify.annotations.NullMarked;
