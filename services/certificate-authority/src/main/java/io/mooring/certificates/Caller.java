package io.mooring.certificates;

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
}
