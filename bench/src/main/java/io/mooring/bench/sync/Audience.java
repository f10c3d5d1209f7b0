package io.mooring.bench.sync;

import io.mooring.bench.cloud.BenchCloud;
import io.mooring.bench.cloud.BenchDevice;
import io.mooring.bench.cloud.Crowd;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Many devices that listen, all on one thread. */
public final class Audience implements AutoCloseable {
    private static final int AT_ONCE = 16;
    private static final long CONNECT_SECONDS = 60;

    private final BenchCloud cloud;
    private final NioEventLoopGroup group = new NioEventLoopGroup(1);
    private final List<BenchDevice> devices = new ArrayList<>();
    private final Map<String, Listener> listeners = new ConcurrentHashMap<>();

    public Audience(BenchCloud cloud) {
        this.cloud = cloud;
    }

    /** Has devices made, registered and provisioned. */
    public void join(int count) throws Exception {
        List<BenchDevice> fresh = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fresh.add(new BenchDevice(cloud, "LISTEN%04d".formatted(devices.size() + i)));
        }
        Crowd.all(fresh, AT_ONCE, device -> {
            device.register();
            device.provision();
        });
        devices.addAll(fresh);
    }

    /** Has all connect who joined, and waits until each has subscribed. */
    public void listen(Listener.Ear ear) throws InterruptedException {
        Crowd.all(devices, AT_ONCE, device -> {
            SslContext tls = SslContextBuilder.forClient()
                    .protocols("TLSv1.3")
                    .keyManager(device.keyManagers())
                    .trustManager(cloud.trust())
                    .build();
            Listener listener = Listener.connect(group, tls, device.brokerPort(), device.id(), ear)
                    .get(CONNECT_SECONDS, TimeUnit.SECONDS);
            listeners.put(device.id(), listener);
        });
    }

    /** Has a device say something. */
    public void say(String device, String tail, String json) {
        Listener listener = listeners.get(device);
        if (listener == null) {
            throw new IllegalStateException(device + " is not connected");
        }
        listener.say(tail, json);
    }

    /** Has all go away; their sessions stay. */
    void leave() {
        listeners.values().forEach(Listener::leave);
        listeners.clear();
    }

    public List<String> ids() {
        return devices.stream().map(BenchDevice::id).toList();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
