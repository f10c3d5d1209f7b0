package io.mooring.bench.revocation;

import io.mooring.bench.cloud.BenchCloud;
import io.mooring.bench.cloud.BenchDevice;
import io.mooring.bench.cloud.CloudOptions;
import io.mooring.bench.cloud.Crowd;
import io.mooring.bench.cloud.Times;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * From an operator's call to the end of the device's connection, as the device sees it, in a whole cloud: HTTP API,
 * PostgreSQL, Debezium, Kafka, bridge. Devices are blocked one after the other; let in again; and released, several at
 * once.
 */
public final class RevocationBench {
    private static final CloudOptions STANDARD = new CloudOptions(200, 50, 16, Optional.empty());
    private static final String USAGE =
            "usage: bench revocation [--devices 200] [--warm 50] [--at-once 16] [--json FILE]";

    private static final Duration BACK_WITHIN = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private RevocationBench() {}

    public static void main(String[] args) throws Exception {
        CloudOptions options;
        try {
            options = CloudOptions.parse(args, STANDARD);
        } catch (IllegalArgumentException wrong) {
            System.err.println("bench: " + wrong.getMessage() + "\n" + USAGE);
            System.exit(2);
            return;
        }
        try (BenchCloud cloud = BenchCloud.start()) {
            measure(cloud, options);
        }
        System.exit(0);
    }

    private static void measure(BenchCloud cloud, CloudOptions options) throws Exception {
        List<BenchDevice> warm = joined(cloud, "WARMUP", options.warm(), options.atOnce());
        List<BenchDevice> devices = joined(cloud, "REVOKE", options.devices(), options.atOnce());
        System.out.println(options.devices() + " devices connected, and " + options.warm() + " to warm up");
        for (BenchDevice device : warm) {
            revoke(cloud, device, "block", new Times());
        }

        Times blocked = new Times();
        for (BenchDevice device : devices) {
            revoke(cloud, device, "block", blocked);
        }
        System.out.println("blocked one by one    " + blocked.summary());
        System.out.println("let in while blocked  " + letIn(devices, options.atOnce()));

        Crowd.all(devices, options.atOnce(), device -> {
            cloud.operator("/api/v1/devices/" + device.id() + "/unblock", "{}");
            connectAgain(device);
        });
        Times released = new Times();
        Crowd.all(devices, options.atOnce(), device -> revoke(cloud, device, "release", released));
        System.out.println("released, " + options.atOnce() + " at once " + released.summary());
        System.out.println("let in once released  " + letIn(devices, options.atOnce()));

        if (options.output().isPresent()) {
            Files.writeString(
                    options.output().get(),
                    "{\"blocked\":" + blocked.json() + ",\"released\":" + released.json() + "}\n");
        }
    }

    private static List<BenchDevice> joined(BenchCloud cloud, String name, int count, int atOnce) throws Exception {
        List<BenchDevice> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(new BenchDevice(cloud, "%s%04d".formatted(name, i)));
        }
        Crowd.all(devices, atOnce, device -> {
            device.register();
            device.provision();
            device.connect();
        });
        return devices;
    }

    private static void revoke(BenchCloud cloud, BenchDevice device, String how, Times times) throws Exception {
        long start = System.nanoTime();
        cloud.operator("/api/v1/devices/" + device.id() + "/" + how, "{}");
        times.record(device.awaitClosed() - start);
    }

    /** That a device may come back is heard of by the broker a moment after the operator's call has been answered. */
    private static void connectAgain(BenchDevice device) throws Exception {
        long end = System.nanoTime() + BACK_WITHIN.toNanos();
        while (true) {
            try {
                device.connect();
                return;
            } catch (IOException refused) {
                if (System.nanoTime() > end) {
                    throw refused;
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    /** How many can connect all the same: none, or something is badly wrong. */
    private static int letIn(List<BenchDevice> devices, int atOnce) throws InterruptedException {
        AtomicInteger count = new AtomicInteger();
        Crowd.all(devices, atOnce, device -> {
            try {
                device.connect();
                count.incrementAndGet();
            } catch (IOException refused) {
                // as it should be
            }
        });
        return count.get();
    }
}
