package io.mooring.bench.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.bench.cloud.BenchCloud;
import io.mooring.bench.cloud.BenchDevice;
import io.mooring.bench.cloud.Crowd;
import io.mooring.bench.cloud.Times;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.bridge.stack.TestDevices;
import io.mooring.devstack.launcher.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * {@code bench command}: from an HTTP call to the device and back to the caller, in a whole cloud with many connected
 * devices: one call after the other, and several at once; beside a bare echo through HiveMQ. Then one command to many
 * devices: until the last has it, and until the last answer is in.
 */
public final class CommandBench {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int LONGEST_MINUTES = 10;

    private final BenchCloud cloud;
    private final TestDevices registry;
    private final TestAuthority authority = new TestAuthority();
    private final CommandOptions options;
    private final List<BenchDevice> devices = new ArrayList<>();
    private final Map<String, Arrivals> expected = new ConcurrentHashMap<>();

    /** Who has got a command so far. */
    private record Arrivals(CountDownLatch open, Times times, long start) {}

    private CommandBench(BenchCloud cloud, TestDevices registry, CommandOptions options) {
        this.cloud = cloud;
        this.registry = registry;
        this.options = options;
    }

    public static void main(String[] args) throws Exception {
        CommandOptions options;
        try {
            options = CommandOptions.parse(args);
        } catch (IllegalArgumentException wrong) {
            System.err.println("bench: " + wrong.getMessage() + "\n" + CommandOptions.USAGE);
            System.exit(2);
            return;
        }
        Path folder = Files.createTempDirectory("mooring-bench");
        String root = System.getProperty("mooring.root", "");
        Times echo = BareEcho.measure(Path.of(root).toAbsolutePath(), folder.resolve("broker"), options.calls());
        System.out.println("echo through HiveMQ alone        " + echo.summary());
        try (BenchCloud cloud = BenchCloud.startForMany(Component.MESSAGING);
                TestDevices registry = new TestDevices(
                        cloud.stack().bootstrapServers(), cloud.stack().topicsPrefix())) {
            new CommandBench(cloud, registry, options).measure(echo);
        }
        System.exit(0);
    }

    private void measure(Times echo) throws Exception {
        cloud.trust(authority);
        join(options.devices());
        System.err.println(options.devices() + " devices are connected");
        call(options.calls(), 1);
        Times alone = call(options.calls(), 1);
        System.out.println("command and answer, one by one   " + alone.summary());
        Times together = call(options.calls(), options.atOnce());
        System.out.println("command and answer, %2d at once   %s".formatted(options.atOnce(), together.summary()));
        System.out.println(String.format(
                Locale.ROOT,
                "one by one, to an echo            p50 %5.1f x  p99 %5.1f x",
                alone.millis(0.5) / echo.millis(0.5),
                alone.millis(0.99) / echo.millis(0.99)));
        String many = many();
        if (options.output().isPresent()) {
            Files.writeString(
                    options.output().get(),
                    "{\"echo\":%s,\"oneByOne\":%s,\"together\":%s,\"many\":%s}\n"
                            .formatted(echo.json(), alone.json(), together.json(), many));
        }
    }

    /** How devices join is measured elsewhere: these are put into the registry, with certificates of our own. */
    private void join(int upTo) throws Exception {
        List<BenchDevice> fresh = new ArrayList<>();
        Map<String, String> listed = new HashMap<>();
        for (int i = devices.size(); i < upTo; i++) {
            String id = String.format(Locale.ROOT, "BENCH%05d", i);
            TestAuthority.Identity identity = authority.device(id);
            listed.put(id, identity.fingerprint());
            fresh.add(new BenchDevice(cloud, id, authority.keyManagers(identity)));
        }
        registry.registerAll(listed, "main", "main", cloud.productId());
        Crowd.all(fresh, options.atOnce(), device -> {
            device.connect();
            device.answerCommands(this::heard);
        });
        devices.addAll(fresh);
        awaitKnown();
    }

    /** Until sync and messaging have taken all of them from the registry, and messaging has noted that they are there. */
    private void awaitKnown() throws Exception {
        long known = 0;
        while (known < devices.size()) {
            TimeUnit.MILLISECONDS.sleep(200);
            try (Connection connection = cloud.stack().connection("postgres");
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("""
                            SELECT least((SELECT count(*) FROM sync.device), (SELECT count(*) FROM messaging.device),
                              (SELECT count(*) FROM messaging.presence WHERE connected))""")) {
                row.next();
                known = row.getLong(1);
            }
        }
    }

    private void heard(String command) {
        Arrivals arrivals = expected.get(command);
        if (arrivals == null) {
            arrivals = expected.get("");
        }
        if (arrivals != null) {
            arrivals.times().record(System.nanoTime() - arrivals.start());
            arrivals.open().countDown();
        }
    }

    /** Times so many commands, each to another device. */
    private Times call(int calls, int atOnce) throws InterruptedException {
        Times times = new Times();
        List<BenchDevice> turns = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            turns.add(devices.get(i % devices.size()));
        }
        Crowd.all(turns, atOnce, device -> {
            long start = System.nanoTime();
            JsonNode answer = cloud.messaging(
                    "/v1/commands", "{\"command\":\"bench\",\"device\":\"" + device.id() + "\",\"waitSeconds\":30}");
            String state = answer.path("result").path("state").asText();
            if (!state.equals("succeeded")) {
                throw new IOException("a command was not answered in time: " + answer);
            }
            times.record(System.nanoTime() - start);
        });
        return times;
    }

    /** One command to many devices. */
    private String many() throws Exception {
        join(options.many());
        System.err.println(options.many() + " devices are connected");
        long start = System.nanoTime();
        Arrivals arrivals = new Arrivals(new CountDownLatch(options.many()), new Times(), start);
        expected.put("", arrivals);
        JsonNode command = cloud.messaging(
                "/v1/commands",
                "{\"command\":\"bench\",\"product\":\"" + cloud.productId() + "\",\"timeoutSeconds\":600}");
        if (!arrivals.open().await(LONGEST_MINUTES, TimeUnit.MINUTES)) {
            throw new IOException(arrivals.open().getCount() + " devices did not get the command");
        }
        double lastHas = (System.nanoTime() - start) / NANOS_PER_SECOND;
        JsonNode standing = command;
        while (!standing.has("finished")) {
            TimeUnit.MILLISECONDS.sleep(100);
            standing = cloud.messagingGet("/v1/commands/" + command.path("id").asText());
        }
        double lastAnswered = (System.nanoTime() - start) / NANOS_PER_SECOND;
        System.out.println(String.format(
                Locale.ROOT,
                "one command to %d devices      first %.2f s, half %.2f s, last %.2f s; all answers in %.2f s, %d failed",
                options.many(),
                arrivals.times().millis(0) / 1000,
                arrivals.times().millis(0.5) / 1000,
                lastHas,
                lastAnswered,
                standing.path("failures").asInt()));
        return String.format(
                Locale.ROOT,
                "{\"devices\":%d,\"lastHasSeconds\":%.3f,\"lastAnsweredSeconds\":%.3f}",
                options.many(),
                lastHas,
                lastAnswered);
    }
}
