/**
 * The trail's file form, which is that of AWS CloudTrail: where objects lie, what log files and digests hold, how a digest is
 * signed and chained to the one before. Pure: bytes in, bytes out.
 */
@NullMarked
package io.mooring.audit.core;

import org.jspecify.annotations.NullMarked;
