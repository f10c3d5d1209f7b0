package io.mooring.bridge.ack;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.interceptor.puback.PubackOutboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.puback.parameter.PubackOutboundInput;
import com.hivemq.extension.sdk.api.interceptor.puback.parameter.PubackOutboundOutput;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds acknowledgements by the public SDK: an interceptor of outgoing PUBACKs waits for Kafka.
 *
 * <p>Such an interceptor can only delay. When its time is up the broker sends the PUBACK as it is,
 * and a reason code cannot be made a failure any more. So the time is longer than Kafka's own limit,
 * and where Kafka fails the connection is ended first and the interceptor goes on after.
 */
final class SdkAckHold implements AckHold, PubackOutboundInterceptor {
    private final Duration timeout;
    private final Supplier<CompletableFuture<Boolean>> endConnection;
    private final Deque<PendingAck> held = new ArrayDeque<>();

    /**
     * For one connection.
     *
     * @param timeout longer than Kafka can take to answer
     * @param endConnection ends the connection; completes when it is ended
     */
    SdkAckHold(Duration timeout, Supplier<CompletableFuture<Boolean>> endConnection) {
        this.timeout = timeout;
        this.endConnection = endConnection;
    }

    @Override
    public PendingAck hold(int packetId) {
        PendingAck ack = new PendingAck(packetId);
        synchronized (held) {
            held.addLast(ack);
        }
        return ack;
    }

    @Override
    public boolean drop(PendingAck ack) {
        synchronized (held) {
            return held.remove(ack);
        }
    }

    @Override
    public long oldestNanos() {
        synchronized (held) {
            PendingAck oldest = held.peekFirst();
            return oldest == null ? 0 : oldest.ageNanos();
        }
    }

    @Override
    public void onOutboundPuback(PubackOutboundInput input, PubackOutboundOutput output) {
        if (input.getPubackPacket().getReasonCode() != AckReasonCode.SUCCESS) {
            return;
        }
        PendingAck ack = find(input.getPubackPacket().getPacketIdentifier());
        if (ack == null) {
            // Every success is held, so this one is a mistake and must not reach the device.
            refuse(output.async(timeout), null);
        } else if (ack.isStored()) {
            drop(ack);
        } else {
            Async<PubackOutboundOutput> later = output.async(timeout);
            if (!ack.whenDone(answered -> finish(answered, later))) {
                finish(ack, later);
            }
        }
    }

    private void finish(PendingAck ack, Async<PubackOutboundOutput> later) {
        if (ack.isStored()) {
            drop(ack);
            later.resume();
        } else {
            refuse(later, ack);
        }
    }

    private void refuse(Async<PubackOutboundOutput> later, @Nullable PendingAck ack) {
        var unused = endConnection.get().whenComplete((ended, failure) -> {
            if (ack != null) {
                drop(ack);
            }
            if (failure == null) {
                later.resume();
            }
        });
    }

    /** The oldest held message with a packet id: a device may have sent one twice. */
    private @Nullable PendingAck find(int packetId) {
        synchronized (held) {
            for (Iterator<PendingAck> all = held.iterator(); all.hasNext(); ) {
                PendingAck ack = all.next();
                if (ack.packetId() == packetId) {
                    return ack;
                }
            }
        }
        return null;
    }
}
