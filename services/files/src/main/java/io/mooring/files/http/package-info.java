/** The wire form of Amazon S3. Refusals become statuses and XML here. */
@NullMarked
package io.mooring.files.http;

import org.jspecify.annotations.NullMarked;
