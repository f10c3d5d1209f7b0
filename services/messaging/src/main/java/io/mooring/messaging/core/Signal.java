package io.mooring.messaging.core;

/** Something that happened to a command on its way to one device and back. */
public sealed interface Signal {
    /** Its turn came: the row was written that takes it down. */
    record Dispatched() implements Signal {}

    /** The device's MQTT acknowledgement came. */
    record Received() implements Signal {}

    /**
     * The device said something of it.
     *
     * @param json the same as it is kept if it comes too late
     */
    record Answered(Answer answer, String json) implements Signal {}

    /** Its deadline passed. */
    record DeadlinePassed() implements Signal {}

    /** Nobody wants it any more. */
    record Withdrawn(String why) implements Signal {}
}
