/** What sync takes, up and down, beside what PostgreSQL and Debezium take without it. */
@NullMarked
package io.mooring.bench.sync;

import org.jspecify.annotations.NullMarked;
