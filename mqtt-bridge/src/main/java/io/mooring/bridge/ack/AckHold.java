package io.mooring.bridge.ack;

/**
 * Holds the acknowledgements of one connection. A message is put into the hold before it goes to
 * Kafka, and the broker's PUBACK for it does not reach the device before Kafka's answer.
 */
public sealed interface AckHold permits SdkAckHold, GateAckHold {
    /** The message with this packet id is about to go to Kafka. */
    PendingAck hold(int packetId);

    /**
     * The message was refused at once, so that the broker's answer is not an acknowledgement.
     *
     * @return false if it is not held any more
     */
    boolean drop(PendingAck ack);

    /** How long the oldest message has been held, in nanoseconds; 0 if there is none. */
    long oldestNanos();
}
