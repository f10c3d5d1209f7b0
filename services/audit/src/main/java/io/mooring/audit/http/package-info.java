/** Who asks, and how they are answered: the operators' API, and CloudTrail's and S3's for AWS' own tools. */
@NullMarked
package io.mooring.audit.http;

import org.jspecify.annotations.NullMarked;
