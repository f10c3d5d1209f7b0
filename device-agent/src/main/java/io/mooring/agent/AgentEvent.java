package io.mooring.agent;

import io.mooring.agent.db.RemoteRow.Outcome;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something an application may want to know. Events are told one by one, in order, after what they
 * tell of is safely on the disk; a listener that dawdles holds up sync.
 */
public sealed interface AgentEvent {
    /** The device moved on, or back. */
    record StateChanged(AgentState state, String detail) implements AgentEvent {}

    /**
     * The cloud changed a row here.
     *
     * @param values the row as it is now, empty if it is gone; times are ISO texts
     * @param writer who wrote last: a device id or {@code cloud}
     * @param millisSinceWritten from the last write until now, by the clocks of two machines
     */
    record RowArrived(
            String model,
            String key,
            Outcome outcome,
            Map<String, @Nullable Object> values,
            String writer,
            long millisSinceWritten)
            implements AgentEvent {}

    /**
     * The cloud has a row that was written here.
     *
     * @param millisSinceWritten from the write until the acknowledgement
     */
    record RowAcknowledged(String model, String key, long millisSinceWritten) implements AgentEvent {}

    /** The cloud will not take a row that was written here; what the cloud holds stands. */
    record RowRefused(String model, String key, String reason) implements AgentEvent {}

    /** The cloud set this device's sync otherwise. */
    record ControlChanged(SyncControl control) implements AgentEvent {}

    /**
     * A long catch-up is on its way.
     *
     * @param sent how many rows came so far
     * @param of of about how many
     */
    record CatchingUp(long sent, long of) implements AgentEvent {}

    /** The time of a row had come ({@code ttl}), and it went by itself. */
    record RowExpired(String model, String key) implements AgentEvent {}

    /**
     * The cloud told the device something that is not about its rows.
     *
     * @param topic past {@code ioto/device/{id}/} or {@code ioto/account/{account}/}
     */
    record Told(String topic, byte[] payload) implements AgentEvent {}

    /**
     * The device connected with a new certificate, which took the place of the one before.
     *
     * @param expires when the new one does
     */
    record CertificateRenewed(Instant expires) implements AgentEvent {}

    /** Something went wrong that will be tried again, or a message made no sense. */
    record Trouble(String what) implements AgentEvent {}
}
