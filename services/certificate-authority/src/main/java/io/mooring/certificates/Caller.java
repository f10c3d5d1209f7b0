package io.mooring.certificates;

import io.mooring.contracts.audit.AuditCaller;

/**
 * Who calls, and from where.
 *
 * @param client the client's name as authenticated, or {@code anonymous}
 * @param address its network address, empty if it is ourselves
 */
public record Caller(String client, String address) {
    /** Nobody has proven who they are. */
    public static final String ANONYMOUS = "anonymous";

    /** What this service does of itself. */
    static final Caller OURSELVES = new Caller("certificate-authority", "");

    /** As the audit trail names it. */
    AuditCaller forTheTrail() {
        return new AuditCaller(client.equals(ANONYMOUS) ? "Unknown" : "Service", client, "", address, "");
    }
}
