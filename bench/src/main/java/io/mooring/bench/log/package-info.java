/** How fast lines of logs are taken, and found. */
@NullMarked
package io.mooring.bench.log;

import org.jspecify.annotations.NullMarked;
