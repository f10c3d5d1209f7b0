package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.DevstackBuilder;
import io.mooring.devstack.launcher.Ports;
import io.mooring.devstack.launcher.place.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./mooring up}: runs until it is told to stop. */
@Command(
        name = "up",
        description = "Starts the whole cloud and a demo device, and shows what crosses. Ctrl-C stops it.")
final class UpCommand implements Callable<Integer> {
    /** How long what no device needs waits for it. */
    private static final int FIRST_ROW_SECONDS = 20;

    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Option(names = "--no-demo", description = "Start no demo device.")
    private boolean noDemo;

    @Option(
            names = "--brief",
            description =
                    "For a cloud that lives for minutes, as in a test: its programs are compiled less well, and sooner.")
    private boolean brief;

    @Option(
            names = "--traces",
            paramLabel = "URL",
            description =
                    "Send traces there, by OTLP over HTTP, such as http://localhost:4318: all, or what OpenTelemetry's variables (OTEL_…) say.")
    private @Nullable String traces;

    private final CountDownLatch firstRow = new CountDownLatch(1);
    private final Instant since = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    private final AtomicReference<@Nullable Devstack> running = new AtomicReference<>();
    private final AtomicReference<@Nullable LiveLines> lines = new AtomicReference<>();
    private final Console console = new Console(since, this::keepState);

    @Override
    public Integer call() throws InterruptedException {
        Path folder = cloud.folder();
        Ports ports = Ports.standard(cloud.portOffset());
        console.line("mooring: starting in " + folder.toAbsolutePath().normalize());
        DevstackBuilder builder = Devstack.builder()
                .withAll()
                .dataDir(folder)
                .ports(ports)
                .notices(console)
                .onceDevicesJoin(this::startDemo);
        if (traces != null) {
            Map<String, String> variables = new HashMap<>(System.getenv());
            variables.keySet().removeIf(name -> !name.startsWith("OTEL_"));
            Component.TRACING.forEach(component -> builder.environment(component, variables));
            builder.traces(traces);
        }
        try (Devstack stack = (brief ? builder.brief() : builder).start()) {
            running.set(stack);
            keepState();
            describe(stack);
            // Until a signal ends this process: its shutdown hook stops all in order.
            new CountDownLatch(1).await();
        } finally {
            Optional.ofNullable(lines.get()).ifPresent(LiveLines::close);
        }
        return 0;
    }

    private void startDemo(Devstack stack) {
        lines.set(LiveLines.start(stack.bootstrapServers(), stack.topicsPrefix(), console::line, this::firstRow));
        if (!noDemo) {
            DemoDevice.start(stack);
            awaitFirstRow();
        }
    }

    /** What no device needs starts only then, so that it does not take the cores from what one looks at. */
    private void awaitFirstRow() {
        try {
            if (!firstRow.await(FIRST_ROW_SECONDS, TimeUnit.SECONDS)) {
                console.line("mooring: the demo device's first row takes long; going on without it");
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void describe(Devstack stack) {
        long self = ProcessHandle.current().pid();
        console.line("");
        Output.table(CloudTable.rows(stack.processes(), self)).forEach(console::line);
        console.line("");
        console.line("data      " + stack.dataDir());
        console.line("operator  user: operator, password: " + password(stack));
        console.line("clients   eval \"$(./mooring env" + cloud.again() + ")\"");
        console.line("memory    " + memory(stack) + ", of all processes");
        console.line("started   in " + console.elapsed());
        console.line("");
    }

    /** Shown once; whoever lost it finds it where only they can read. */
    private static String password(Devstack stack) {
        Path shown = stack.dataDir().resolve("secrets/operator-password.shown");
        if (Files.exists(shown)) {
            return "as shown at the first start; kept in " + stack.dataDir().resolve("secrets/operator-password");
        }
        try {
            Files.createFile(shown);
        } catch (IOException showsAgain) {
            // Then it is shown once more.
        }
        return stack.secrets().operatorPassword() + " (shown this once)";
    }

    private void firstRow() {
        console.line("mooring: the first row is in the cloud, " + console.elapsed() + " after the start");
        firstRow.countDown();
    }

    private static String memory(Devstack stack) {
        long sum = Memory.of(ProcessHandle.current().pid());
        for (RunState.RunningProcess process : stack.processes()) {
            sum += process.pid() == 0 ? 0 : Memory.ofTree(process.pid());
        }
        return Memory.text(sum);
    }

    /** Writes down what runs, for the other commands. */
    private synchronized void keepState() {
        Optional.ofNullable(running.get())
                .ifPresent(stack -> RunningCloud.state(stack, since).write(stack.folder()));
    }
}
