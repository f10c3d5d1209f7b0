package io.mooring.provisioning;

import io.mooring.contracts.audit.AuditCaller;

/**
 * Who calls, and from where.
 *
 * @param type {@code Operator}, {@code Device}, {@code Product} or {@code Unknown}
 * @param name as authenticated, empty if not
 * @param address its network address
 * @param userAgent what it calls its program
 */
public record Caller(String type, String name, String address, String userAgent) {
    /** The same caller, known by name now. */
    public Caller as(String knownType, String knownName) {
        return new Caller(knownType, knownName, address, userAgent);
    }

    /** As the audit trail names it. */
    AuditCaller forTheTrail() {
        return new AuditCaller(type, name, "", address, userAgent);
    }
}
