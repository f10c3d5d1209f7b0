/**
 * Records of the audit trail: who did what, or was refused it. Their form is that of AWS CloudTrail's records, version
 * 1.11, so that tools which read those read ours. Every source numbers what it says, so that a gap shows.
 *
 * <p>{@link io.mooring.contracts.audit.AuditRecord#toCloudTrail} hands out a map; each room writes JSON with its own library.
 */
@NullMarked
package io.mooring.contracts.audit;

import org.jspecify.annotations.NullMarked;
