package io.mooring.agent.cloud;

/** What the sync engine works off, one after the other. */
sealed interface Inbound {
    /**
     * The cloud told something.
     *
     * @param tail the topic past the receiver, such as {@code sync/MODIFY}
     * @param done to be run once it needs not be told again
     */
    record Message(String tail, byte[] payload, Runnable done) implements Inbound {}

    /** Something was written here. */
    record Wake() implements Inbound {}

    /** A connection is there: everything unacknowledged goes up (again), and what was missed is asked for. */
    record Connected(Uplink uplink) implements Inbound {}

    /** The connection is gone. */
    record Disconnected(Uplink uplink) implements Inbound {}
}
