package io.mooring.contracts.audit;

import java.util.Objects;

/**
 * Who did, or tried.
 *
 * @param type {@code Operator}, {@code Device}, {@code Product}, {@code Service}; {@code Unknown} if nothing was proved
 * @param name as authenticated; empty if not
 * @param account whose device it is, empty if that is not known
 * @param address network address; empty for what a service does by itself
 * @param userAgent what the caller calls its program; empty if it does not say
 */
public record AuditCaller(String type, String name, String account, String address, String userAgent) {
    public AuditCaller {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(account, "account");
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(userAgent, "userAgent");
    }

    /** A device, of which nothing but its connection is known. */
    public static AuditCaller device(String id, String account) {
        return new AuditCaller("Device", id, account, "", "");
    }
}
