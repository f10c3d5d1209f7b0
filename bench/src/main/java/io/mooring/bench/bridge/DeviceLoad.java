package io.mooring.bench.bridge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * One device that publishes as fast as its window allows, by MQTT 3.1.1 at QoS 1. It knows just the
 * packets it needs: CONNECT, CONNACK, PUBLISH, PUBACK.
 */
final class DeviceLoad extends ChannelInboundHandlerAdapter {
    /** What all devices of one load report to. Used by one event loop. */
    static final class Tally {
        long acknowledged;
        final LatencyHistogram latency = new LatencyHistogram();
        volatile boolean stopping;
    }

    private static final int PUBACK_LENGTH = 4;
    private static final int CONNACK_LENGTH = 4;

    private final String device;
    private final int window;
    private final Tally tally;
    private final byte[] publish;
    private final int packetIdAt;
    private final long[] sentNanos;
    private final CompletableFuture<Void> connected = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private boolean greeted;
    private int outstanding;
    private byte[] rest = {};

    DeviceLoad(String device, int window, byte[] payload, Tally tally) {
        this.device = device;
        this.window = window;
        this.tally = tally;
        this.sentNanos = new long[window + 1];
        byte[] topic = ("ioto/service/" + device + "/bench/load").getBytes(StandardCharsets.US_ASCII);
        int length = 2 + topic.length + 2 + payload.length;
        publish = new byte[1 + 2 + length];
        publish[0] = 0x32;
        publish[1] = (byte) (length % 128 | 0x80);
        publish[2] = (byte) (length / 128);
        publish[3] = (byte) (topic.length >> 8);
        publish[4] = (byte) topic.length;
        System.arraycopy(topic, 0, publish, 5, topic.length);
        packetIdAt = 5 + topic.length;
        System.arraycopy(payload, 0, publish, packetIdAt + 2, payload.length);
    }

    /** Completes when the broker has let the device in. */
    CompletableFuture<Void> connected() {
        return connected;
    }

    /** Completes when the connection has ended. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** Sends CONNECT, clean session. */
    void greet(ChannelHandlerContext ctx) {
        byte[] id = device.getBytes(StandardCharsets.US_ASCII);
        ByteBuf packet = ctx.alloc().buffer();
        packet.writeByte(0x10).writeByte(12 + id.length);
        packet.writeShort(4).writeBytes("MQTT".getBytes(StandardCharsets.US_ASCII));
        packet.writeByte(4).writeByte(0x02).writeShort(300);
        packet.writeShort(id.length).writeBytes(id);
        ctx.writeAndFlush(packet);
    }

    /** Fills the window. Called in the event loop. */
    void begin(ChannelHandlerContext ctx) {
        ByteBuf packets = ctx.alloc().buffer(window * publish.length);
        for (int id = 1; id <= window; id++) {
            write(packets, id, System.nanoTime());
        }
        ctx.writeAndFlush(packets);
    }

    private void write(ByteBuf packets, int id, long now) {
        int at = packets.writerIndex();
        packets.writeBytes(publish);
        packets.setShort(at + packetIdAt, id);
        sentNanos[id] = now;
        outstanding++;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf incoming = (ByteBuf) message;
        try {
            ByteBuf bytes = rest.length == 0
                    ? incoming
                    : io.netty.buffer.Unpooled.wrappedBuffer(rest, ByteBufUtil.getBytes(incoming));
            read(ctx, bytes);
            rest = bytes.isReadable() ? ByteBufUtil.getBytes(bytes) : new byte[0];
        } finally {
            incoming.release();
        }
    }

    private void read(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (!greeted && bytes.readableBytes() >= CONNACK_LENGTH) {
            greeted = true;
            int type = bytes.readUnsignedByte();
            bytes.skipBytes(2);
            int code = bytes.readUnsignedByte();
            if (type == 0x20 && code == 0) {
                connected.complete(null);
            } else {
                connected.completeExceptionally(new IllegalStateException(device + " was refused: code " + code));
            }
        }
        int acknowledged = bytes.readableBytes() / PUBACK_LENGTH;
        if (!greeted || acknowledged == 0) {
            return;
        }
        long now = System.nanoTime();
        ByteBuf packets = tally.stopping ? null : ctx.alloc().buffer(acknowledged * publish.length);
        for (int i = 0; i < acknowledged; i++) {
            if (bytes.readUnsignedShort() != 0x4002) {
                throw new IllegalStateException("something else than a PUBACK");
            }
            int id = bytes.readUnsignedShort();
            tally.latency.record(now - sentNanos[id]);
            tally.acknowledged++;
            outstanding--;
            if (packets != null) {
                write(packets, id, now);
            }
        }
        if (packets != null) {
            ctx.writeAndFlush(packets);
        } else if (outstanding == 0) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        connected.completeExceptionally(cause);
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        connected.completeExceptionally(new IllegalStateException(device + ": connection closed"));
        ended.complete(null);
    }
}
