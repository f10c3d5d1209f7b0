package io.mooring.bench.bridge;

import io.mooring.bench.cloud.TlsConnection;
import io.mooring.bridge.stack.TestAuthority;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** Many devices on one thread, publishing as fast as they are acknowledged. */
final class LoadGenerator implements AutoCloseable {
    private static final int CONNECTING_AT_ONCE = 20;
    private static final long CONNECT_SECONDS = 60;
    private static final long END_SECONDS = 40;

    private record Device(DeviceLoad load, Channel channel) {}

    private final NioEventLoopGroup group = new NioEventLoopGroup(1);
    private final EventLoop loop = group.next();
    private final DeviceLoad.Tally tally = new DeviceLoad.Tally();
    private final List<Device> devices = new ArrayList<>();

    /** Connects all devices to a broker on this machine. */
    void connect(
            int port,
            int window,
            byte[] payload,
            TestAuthority authority,
            Map<String, TestAuthority.Identity> identities)
            throws Exception {
        List<CompletableFuture<Void>> connecting = new ArrayList<>();
        for (Map.Entry<String, TestAuthority.Identity> device : identities.entrySet()) {
            DeviceLoad load = new DeviceLoad(device.getKey(), window, payload, tally);
            connecting.add(load.connected());
            Channel channel = open(port, load, context(authority, device.getValue()));
            devices.add(new Device(load, channel));
            if (connecting.size() >= CONNECTING_AT_ONCE) {
                connecting.removeFirst().get(CONNECT_SECONDS, TimeUnit.SECONDS);
            }
        }
        for (CompletableFuture<Void> one : connecting) {
            one.get(CONNECT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static SslContext context(TestAuthority authority, TestAuthority.Identity identity) throws SSLException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3")
                .keyManager(identity.key(), identity.certificate())
                .trustManager(authority.trustManagers())
                .build();
    }

    private Channel open(int port, DeviceLoad load, SslContext tls) throws InterruptedException {
        return TlsConnection.open(group, tls, port, pipeline -> {
            pipeline.addLast(new GreetAfterHandshake(load));
            pipeline.addLast("load", load);
        });
    }

    private static final class GreetAfterHandshake extends io.netty.channel.ChannelInboundHandlerAdapter {
        private final DeviceLoad load;

        GreetAfterHandshake(DeviceLoad load) {
            this.load = load;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent done) {
                if (done.isSuccess()) {
                    load.greet(ctx);
                } else {
                    ctx.fireExceptionCaught(done.cause());
                }
            }
        }
    }

    /** Lets all devices publish for a while, and says what was acknowledged after the warm-up. */
    Measured run(int warmSeconds, int measureSeconds) throws Exception {
        loop.submit(() -> devices.forEach(device ->
                        device.load().begin(device.channel().pipeline().context("load"))))
                .get();
        TimeUnit.SECONDS.sleep(warmSeconds);
        long[] before = reset();
        TimeUnit.SECONDS.sleep(measureSeconds);
        LatencyHistogram latency = new LatencyHistogram();
        long[] after = loop.submit(() -> {
                    latency.add(tally.latency);
                    return new long[] {tally.acknowledged, System.nanoTime()};
                })
                .get();
        double perSecond = (after[0] - before[0]) * 1e9 / (after[1] - before[1]);
        return new Measured(perSecond, latency.millis(0.5), latency.millis(0.99));
    }

    private long[] reset() throws Exception {
        return loop.submit(() -> {
                    tally.latency.clear();
                    return new long[] {tally.acknowledged, System.nanoTime()};
                })
                .get();
    }

    /** Sends nothing more, waits for what is outstanding, and says how much was acknowledged in all. */
    long end() throws Exception {
        tally.stopping = true;
        for (Device device : devices) {
            device.load().ended().get(END_SECONDS, TimeUnit.SECONDS);
        }
        return loop.submit(() -> tally.acknowledged).get();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
