/** The HTTP API that the other services of the cloud call; refusals become statuses here. */
@NullMarked
package io.mooring.certificates.http;

import org.jspecify.annotations.NullMarked;
