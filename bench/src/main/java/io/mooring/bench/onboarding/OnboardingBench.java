package io.mooring.bench.onboarding;

import io.mooring.bench.cloud.BenchCloud;
import io.mooring.bench.cloud.BenchDevice;
import io.mooring.bench.cloud.CloudOptions;
import io.mooring.bench.cloud.Crowd;
import io.mooring.bench.cloud.Times;
import io.mooring.devstack.launcher.Component;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Devices joining a whole cloud: registered and claimed, a certificate for a key of their own, and the first MQTT
 * connection over mutual TLS. Their keys are made beforehand: a thousand devices have a thousand processors for that.
 */
public final class OnboardingBench {
    private static final CloudOptions STANDARD = new CloudOptions(1_000, 300, 32, Optional.empty());
    private static final String USAGE =
            "usage: bench onboarding [--devices 1000] [--warm 300] [--at-once 32] [--json FILE]";

    /** What a device goes through. */
    private enum Stage {
        REGISTER,
        PROVISION,
        CONNECT
    }

    private OnboardingBench() {}

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
        join(made(cloud, "WARM", options.warm()), options.atOnce());
        List<BenchDevice> devices = made(cloud, "JOIN", options.devices());
        Map<Component, Double> before = cloud.processorSeconds();
        long start = System.nanoTime();
        Map<Stage, Times> stages = join(devices, options.atOnce());
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<Component, Double> after = cloud.processorSeconds();

        double rate = options.devices() / seconds;
        System.out.printf(
                Locale.ROOT,
                "%d devices joined in %.1f s, %d at once: %.0f a second%n",
                options.devices(),
                seconds,
                options.atOnce(),
                rate);
        stages.forEach((stage, times) ->
                System.out.printf("  %-10s %s%n", stage.name().toLowerCase(Locale.ROOT), times.summary()));
        System.out.println("processor time of each device's joining, in ms:");
        after.forEach((component, used) -> System.out.printf(
                Locale.ROOT,
                "  %-22s %5.1f%n",
                component.label(),
                (used - before.getOrDefault(component, 0.0)) * 1_000 / options.devices()));

        if (options.output().isPresent()) {
            StringBuilder json = new StringBuilder(String.format(Locale.ROOT, "{\"devicesPerSecond\":%.1f", rate));
            stages.forEach((stage, times) -> json.append(",\"")
                    .append(stage.name().toLowerCase(Locale.ROOT))
                    .append("\":")
                    .append(times.json()));
            Files.writeString(options.output().get(), json.append("}\n"));
        }
    }

    private static List<BenchDevice> made(BenchCloud cloud, String name, int count) throws Exception {
        List<BenchDevice> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(new BenchDevice(cloud, "%s%06d".formatted(name, i)));
        }
        return devices;
    }

    private static Map<Stage, Times> join(List<BenchDevice> devices, int atOnce) throws InterruptedException {
        Map<Stage, Times> stages = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            stages.put(stage, new Times());
        }
        Crowd.all(devices, atOnce, device -> {
            for (Stage stage : Stage.values()) {
                long start = System.nanoTime();
                switch (stage) {
                    case REGISTER -> device.register();
                    case PROVISION -> device.provision();
                    case CONNECT -> device.connect();
                }
                long nanos = System.nanoTime() - start;
                Objects.requireNonNull(stages.get(stage)).record(nanos);
            }
        });
        return stages;
    }
}
