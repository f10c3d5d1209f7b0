package io.mooring.bridge.ack;

import io.mooring.bridge.kafka.RecordSender;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A message that the broker would acknowledge, and what Kafka says of it. */
public final class PendingAck implements RecordSender.Outcome {
    private final int packetId;
    private final long sinceNanos = System.nanoTime();
    private boolean decided;
    private @Nullable Exception failure;
    private @Nullable Consumer<PendingAck> waiting;

    PendingAck(int packetId) {
        this.packetId = packetId;
    }

    int packetId() {
        return packetId;
    }

    long ageNanos() {
        return System.nanoTime() - sinceNanos;
    }

    @Override
    public void done(@Nullable Exception failed) {
        Consumer<PendingAck> told;
        synchronized (this) {
            if (decided) {
                return;
            }
            decided = true;
            failure = failed;
            told = waiting;
        }
        if (told != null) {
            told.accept(this);
        }
    }

    /** Whether Kafka has the message. */
    synchronized boolean isStored() {
        return decided && failure == null;
    }

    /** Why Kafka did not take the message; null if it did or has not answered. */
    public synchronized @Nullable Exception failure() {
        return failure;
    }

    /**
     * Has one told when Kafka has answered.
     *
     * @return false if it has already, and nobody will be told
     */
    synchronized boolean whenDone(Consumer<PendingAck> told) {
        if (decided) {
            return false;
        }
        waiting = told;
        return true;
    }
}
