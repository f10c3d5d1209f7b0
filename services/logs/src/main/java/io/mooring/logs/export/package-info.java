/** Handing lines on, to CloudWatch Logs and to an archive. */
@NullMarked
package io.mooring.logs.export;

import org.jspecify.annotations.NullMarked;
