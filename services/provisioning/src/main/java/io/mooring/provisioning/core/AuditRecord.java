package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.Map;

/**
 * A call, for the audit trail.
 *
 * @param action what was asked, such as {@code ClaimDevice}
 * @param callerType {@code Operator}, {@code Device}, {@code Product} or {@code Unknown}
 * @param caller who asked, as authenticated; empty if not
 * @param address where from
 * @param readOnly whether it could change anything
 * @param parameters what was asked for, without secrets
 * @param response what was answered, empty for reads and refusals
 * @param errorCode why it was refused, empty if it was not
 * @param errorMessage the same for people
 */
public record AuditRecord(
        String action,
        String callerType,
        String caller,
        String address,
        String userAgent,
        boolean readOnly,
        Map<String, String> parameters,
        Map<String, String> response,
        String errorCode,
        String errorMessage,
        Instant at) {
    public AuditRecord {
        parameters = Map.copyOf(parameters);
        response = Map.copyOf(response);
    }
}
