/** What people and programs ask; errors become statuses here. */
@NullMarked
package io.mooring.logs.http;

import org.jspecify.annotations.NullMarked;
