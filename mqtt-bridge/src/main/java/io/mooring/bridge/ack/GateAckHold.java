package io.mooring.bridge.ack;

import io.mooring.bridge.ack.BrokerInternals.PubackForm;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Holds acknowledgements in the client's channel: a handler keeps the PUBACKs of messages that Kafka
 * has not answered for, and nothing else. Kafka's answers are gathered by event loop, so that many
 * PUBACKs go out with one flush.
 *
 * <p>PUBACKs leave in the order of their PUBLISHes (MQTT 5, 4.6), whatever order Kafka answers in.
 */
final class GateAckHold extends ChannelDuplexHandler implements AckHold {
    /** A PUBACK that must not go out yet; without a message of ours behind it, it only keeps its place. */
    private record Held(@Nullable PendingAck ack, Object puback, ChannelPromise promise) {}

    private final PubackForm form;
    private final boolean canRefuse;
    private final Runnable endConnection;
    private final ReleaseQueue releases;
    private final AtomicBoolean inReleases = new AtomicBoolean();
    /** Given to Kafka; the broker's PUBACK has not come by yet. */
    private final Queue<PendingAck> expected = new ConcurrentLinkedQueue<>();

    // What follows belongs to the event loop.
    private final Deque<Held> held = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private boolean unflushed;
    private boolean broken;
    private volatile @Nullable PendingAck oldestHeld;

    /**
     * For one channel.
     *
     * @param form how the broker's PUBACKs look
     * @param canRefuse whether the client understands a PUBACK that refuses (MQTT 5)
     * @param endConnection ends the connection
     * @param releases of the channel's event loop
     */
    GateAckHold(PubackForm form, boolean canRefuse, Runnable endConnection, ReleaseQueue releases) {
        this.form = form;
        this.canRefuse = canRefuse;
        this.endConnection = endConnection;
        this.releases = releases;
    }

    @Override
    public PendingAck hold(int packetId) {
        PendingAck ack = new PendingAck(packetId);
        ack.whenDone(this::answered);
        expected.add(ack);
        return ack;
    }

    @Override
    public boolean drop(PendingAck ack) {
        return expected.remove(ack);
    }

    @Override
    public long oldestNanos() {
        PendingAck oldest = oldestHeld;
        if (oldest == null) {
            oldest = expected.peek();
        }
        return oldest == null ? 0 : oldest.ageNanos();
    }

    private void answered(PendingAck ack) {
        if (inReleases.compareAndSet(false, true)) {
            releases.add(this);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!form.isPuback(message)) {
            unflushed = true;
            ctx.write(message, promise);
            return;
        }
        PendingAck ack = takeExpected(form.packetId(message));
        if (ack == null && form.isSuccess(message)) {
            // Every success is expected, so this one is a mistake and must not reach the device.
            promise.tryFailure(new IllegalStateException("an acknowledgement of nothing"));
            fail();
            return;
        }
        if (broken) {
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        held.addLast(new Held(ack, message, promise));
        release(ctx);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        // The broker flushes after each PUBACK, also those that were kept.
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
    }

    /** Lets out what Kafka has answered for. Called in the event loop by the queue of releases. */
    void releaseAndFlush() {
        inReleases.set(false);
        ChannelHandlerContext ctx = context;
        if (ctx != null && !ctx.isRemoved()) {
            release(ctx);
            flush(ctx);
        }
    }

    private void release(ChannelHandlerContext ctx) {
        for (Held first = held.peekFirst(); first != null && !broken; first = held.peekFirst()) {
            PendingAck ack = first.ack();
            if (ack == null || ack.isStored()) {
                ctx.write(first.puback(), first.promise());
            } else if (ack.failure() == null) {
                break;
            } else if (canRefuse) {
                ctx.write(form.refusal(ack.packetId()), first.promise());
            } else {
                fail();
                break;
            }
            unflushed = true;
            held.removeFirst();
        }
        Held first = held.peekFirst();
        oldestHeld = first == null ? null : first.ack();
    }

    /** Nothing more is acknowledged on this connection. */
    private void fail() {
        if (!broken) {
            broken = true;
            endConnection.run();
        }
    }

    private @Nullable PendingAck takeExpected(int packetId) {
        PendingAck first = expected.peek();
        if (first != null && first.packetId() == packetId) {
            return expected.poll();
        }
        for (Iterator<PendingAck> all = expected.iterator(); all.hasNext(); ) {
            PendingAck ack = all.next();
            if (ack.packetId() == packetId) {
                all.remove();
                return ack;
            }
        }
        return null;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        broken = true;
        for (Held one : held) {
            one.promise().tryFailure(new ClosedChannelException());
        }
        held.clear();
        expected.clear();
        oldestHeld = null;
        ctx.fireChannelInactive();
    }
}
