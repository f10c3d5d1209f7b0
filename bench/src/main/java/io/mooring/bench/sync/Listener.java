package io.mooring.bench.sync;

import io.mooring.bench.cloud.TlsConnection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One device that listens, by MQTT 3.1.1 at QoS 1 in a persistent session, and acknowledges what it hears. It knows just
 * the packets it needs: a client library would take more of the processors than what is measured.
 */
public final class Listener extends ByteToMessageDecoder {
    /** Told of each message; called in the event loop. */
    @FunctionalInterface
    public interface Ear {
        /**
         * @param device who heard it
         * @param tail the topic past the receiver's own part, such as {@code sync/MODIFY}
         * @param payload valid during the call only
         */
        void heard(String device, String tail, ByteBuf payload);
    }

    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int SUBACK = 9;
    private static final int PINGRESP = 13;
    private static final int PUBACK = 4;

    private final String device;
    private final Ear ear;
    private final CompletableFuture<Listener> listening = new CompletableFuture<>();
    private ChannelHandlerContext context;

    @SuppressWarnings("NullAway.Init") // the context is there once the channel is
    private Listener(String device, Ear ear) {
        this.device = device;
        this.ear = ear;
    }

    /** Connects a device to a broker on this machine; completes when the broker has taken its subscription. */
    public static CompletableFuture<Listener> connect(
            EventLoopGroup group, SslContext tls, int port, String device, Ear ear) throws InterruptedException {
        Listener listener = new Listener(device, ear);
        TlsConnection.open(group, tls, port, pipeline -> pipeline.addLast(listener));
        return listener.listening;
    }

    /** Publishes at QoS 1, and does not wait for the acknowledgement. */
    public void say(String tail, String json) {
        context.executor().execute(() -> {
            byte[] topic = ("ioto/service/" + device + "/" + tail).getBytes(StandardCharsets.US_ASCII);
            byte[] payload = json.getBytes(StandardCharsets.UTF_8);
            ByteBuf packet = context.alloc().buffer();
            packet.writeByte(0x32);
            writeLength(packet, 2 + topic.length + 2 + payload.length);
            packet.writeShort(topic.length).writeBytes(topic).writeShort(1).writeBytes(payload);
            context.writeAndFlush(packet);
        });
    }

    void leave() {
        context.executor().execute(() -> {
            ByteBuf packet = context.alloc().buffer();
            packet.writeShort(0xE000);
            context.writeAndFlush(packet).addListener(done -> context.close());
        });
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            if (!done.isSuccess()) {
                listening.completeExceptionally(done.cause());
                return;
            }
            byte[] id = device.getBytes(StandardCharsets.US_ASCII);
            ByteBuf packet = ctx.alloc().buffer();
            packet.writeByte(0x10).writeByte(12 + id.length);
            packet.writeShort(4).writeBytes("MQTT".getBytes(StandardCharsets.US_ASCII));
            packet.writeByte(4).writeByte(0).writeShort(1200);
            packet.writeShort(id.length).writeBytes(id);
            ctx.writeAndFlush(packet);
        }
    }

    private void subscribe(ChannelHandlerContext ctx) {
        byte[] filter = ("ioto/device/" + device + "/#").getBytes(StandardCharsets.US_ASCII);
        ByteBuf packet = ctx.alloc().buffer();
        packet.writeByte(0x82).writeByte(2 + 2 + filter.length + 1).writeShort(1);
        packet.writeShort(filter.length).writeBytes(filter).writeByte(1);
        ctx.writeAndFlush(packet);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        in.markReaderIndex();
        if (in.readableBytes() < 2) {
            return;
        }
        int first = in.readUnsignedByte();
        int length = readLength(in);
        if (length < 0 || in.readableBytes() < length) {
            in.resetReaderIndex();
            return;
        }
        ByteBuf packet = in.readSlice(length);
        switch (first >> 4) {
            case CONNACK -> {
                packet.skipBytes(1);
                if (packet.readUnsignedByte() == 0) {
                    subscribe(ctx);
                } else {
                    listening.completeExceptionally(new IllegalStateException(device + " was refused"));
                }
            }
            case SUBACK -> listening.complete(this);
            case PUBLISH -> heard(ctx, first, packet);
            case PUBACK, PINGRESP -> {
                // nothing to be done
            }
            default -> throw new IllegalStateException("an unexpected packet of type " + (first >> 4));
        }
    }

    private void heard(ChannelHandlerContext ctx, int first, ByteBuf packet) {
        String topic = packet.readCharSequence(packet.readUnsignedShort(), StandardCharsets.US_ASCII)
                .toString();
        if ((first & 0x06) != 0) {
            ByteBuf acknowledgement = ctx.alloc().buffer(4);
            acknowledgement.writeShort(0x4002).writeShort(packet.readUnsignedShort());
            ctx.write(acknowledgement);
        }
        int tail = topic.indexOf('/', topic.indexOf('/', topic.indexOf('/') + 1) + 1);
        ear.heard(device, topic.substring(tail + 1), packet);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        ctx.fireChannelReadComplete();
    }

    /** The remaining length (MQTT 3.1.1, section 2.2.3), or -1 if not all of it is there. */
    private static int readLength(ByteBuf in) {
        int length = 0;
        for (int shift = 0; in.isReadable(); shift += 7) {
            int digit = in.readUnsignedByte();
            length |= (digit & 0x7F) << shift;
            if (digit < 0x80) {
                return length;
            }
        }
        return -1;
    }

    private static void writeLength(ByteBuf out, int length) {
        int rest = length;
        while (rest > 0x7F) {
            out.writeByte(rest & 0x7F | 0x80);
            rest >>= 7;
        }
        out.writeByte(rest);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        listening.completeExceptionally(cause);
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        listening.completeExceptionally(new IllegalStateException(device + ": connection closed"));
    }
}
