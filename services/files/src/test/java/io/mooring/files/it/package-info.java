/** The service as it ships, with Kafka as it is in life, and AWS' own clients. */
@NullMarked
package io.mooring.files.it;

import org.jspecify.annotations.NullMarked;
