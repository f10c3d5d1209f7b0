package io.mooring.agent;

import io.mooring.agent.enrol.DeviceSecret;
import io.mooring.agent.log.LogSettings;
import io.mooring.agent.metric.MetricSettings;
import io.mooring.contracts.schema.SyncSchema;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The agent as a program: one device, until it is stopped. */
@Command(
        name = "mooring-device-agent",
        mixinStandardHelpOptions = true,
        version = "Mooring device agent 0.1.0",
        description =
                "A device: joins a cloud and keeps its rows in step with it. Its database is device.db in its data"
                        + " folder; any program may read and write it by SQL.")
public final class Main implements Callable<Integer> {
    private static final Duration SOON = Duration.ofMillis(20);

    @Option(names = "--url", required = true, description = "Where devices register: the cloud's device API.")
    private String url = "";

    @Option(
            names = "--product-token",
            defaultValue = "${env:MOORING_PRODUCT_TOKEN:-}",
            description = "Says of which product the device is. Better given as MOORING_PRODUCT_TOKEN.")
    private String productToken = "";

    @Option(
            names = "--product-token-file",
            defaultValue = "${env:MOORING_PRODUCT_TOKEN_FILE:-}",
            description = "A file that holds the product token, instead.")
    private String productTokenFile = "";

    @Option(names = "--ca", description = "PEM file of the authorities to trust; else those of the Java runtime.")
    private @Nullable Path authority;

    @Option(names = "--data", required = true, description = "The device's folder; made if need be.")
    private Path data = Path.of("");

    @Option(names = "--cloud", description = "The cloud it belongs to, if known.")
    private @Nullable String cloud;

    @Option(names = "--account", description = "The account it belongs to, if known.")
    private @Nullable String account;

    @Option(names = "--schema", description = "JSON5 file of the application's models.")
    private @Nullable Path schema;

    @Option(names = "--id", description = "The claim id, if made at the factory; else one is made.")
    private @Nullable String id;

    @Option(
            names = "--secret-file",
            description = "File with the secret by which it proves to be the device of its id, if it holds one.")
    private @Nullable Path secretFile;

    @Option(names = "--name", description = "The device's name.")
    private @Nullable String name;

    @Option(
            names = "--renew-at",
            defaultValue = "0.667",
            description = "After which share of its certificate's life to renew it (default: ${DEFAULT-VALUE}).")
    private double renewAt = 0.667;

    @Option(
            names = "--credentials-file",
            description = "Keep the device's access keys in this file, in the form that AWS' tools read.")
    private @Nullable Path credentialsFile;

    @Option(names = "--demo", description = "Write rows of the demo's models, now and then.")
    private boolean demo;

    @Option(names = "--demo-seconds", defaultValue = "3", description = "How often (default: ${DEFAULT-VALUE}).")
    private double demoSeconds = 3;

    @Option(
            names = "--ioto",
            description = "Speak the base protocol only, as an Ioto agent does: key made by the cloud, whole rows.")
    private boolean base;

    @Option(
            names = "--command",
            paramLabel = "NAME=PROGRAM",
            description = "Have a program do commands of a name, also reboot and update; may be repeated. It gets the"
                    + " arguments as JSON on standard input; what it prints is the output.")
    private Map<String, String> commands = Map.of();

    @Option(
            names = "--command-timeout",
            defaultValue = "60",
            description = "Seconds a command may take (default: ${DEFAULT-VALUE}).")
    private int commandTimeoutSeconds = 60;

    @Option(
            names = "--logs",
            paramLabel = "FILE",
            description = "Capture logs as this file says (JSON), and send them.")
    private @Nullable Path logs;

    @Option(names = "--metrics", paramLabel = "FILE", description = "Measure what this file says (JSON), and send it.")
    private @Nullable Path metrics;

    @Option(names = "--once", description = "End when all is in step, instead of staying.")
    private boolean once;

    @Option(names = "--timeout", defaultValue = "120", description = "With --once: seconds to wait.")
    private int timeoutSeconds = 120;

    private final CountDownLatch stopping = new CountDownLatch(1);

    private Main() {}

    /** Runs the program. */
    public static void main(String[] arguments) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "io/mooring/agent/program-logback.xml");
        }
        // one device has no use for pools of buffers
        System.setProperty("io.netty.allocator.type", System.getProperty("io.netty.allocator.type", "unpooled"));
        CommandLine command = new CommandLine(new Main());
        command.setExecutionExceptionHandler((e, line, parsed) -> {
            line.getErr().println("mooring-device-agent: " + e.getMessage());
            return 1;
        });
        int status = command.execute(arguments);
        // what else still runs has nothing left to do
        System.exit(status);
    }

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException {
        if (productToken.isBlank() && !productTokenFile.isBlank()) {
            productToken = Files.readString(Path.of(productTokenFile)).strip();
        }
        if (productToken.isBlank()) {
            throw new IOException("give the product token: MOORING_PRODUCT_TOKEN or --product-token");
        }
        SyncSchema models = schema == null && demo ? Schemas.demo() : Schemas.of(schema);
        AgentConfig.Builder builder = AgentConfig.of(url, productToken, data)
                .authority(authority)
                .id(id)
                .secret(
                        secretFile == null
                                ? null
                                : new DeviceSecret(Files.readString(secretFile).strip()))
                .name(name)
                .owner(account, cloud)
                .schema(models)
                .base(base)
                .renewAt(renewAt);
        Duration commandTimeout = Duration.ofSeconds(commandTimeoutSeconds);
        commands.forEach((command, program) ->
                builder.commandProgram(command, List.of(program.trim().split(" +")), commandTimeout));
        if (logs != null) {
            builder.logs(LogSettings.read(logs));
        }
        if (metrics != null) {
            builder.metrics(MetricSettings.read(metrics));
        }
        AgentConfig config = builder.build();
        Printer printer = new Printer(new PrintStream(System.out, true));
        DeviceAgent agent = DeviceAgent.open(config, printer);
        CountDownLatch closed = new CountDownLatch(1);
        Thread hook = new Thread(() -> shutDown(closed));
        Runtime.getRuntime().addShutdownHook(hook);
        try (agent) {
            printer.line("device", agent.id() + " in " + data.toAbsolutePath());
            agent.start();
            keepCredentials(agent, printer);
            return once ? untilInStep(agent) : work(agent, printer);
        } finally {
            closed.countDown();
        }
    }

    private void keepCredentials(DeviceAgent agent, Printer printer) {
        if (credentialsFile != null) {
            Thread.ofVirtual()
                    .name("credentials")
                    .start(new CredentialsFile(
                            credentialsFile, agent.accessKeys(), what -> printer.line("trouble", what)));
        }
    }

    private void shutDown(CountDownLatch closed) {
        stopping.countDown();
        try {
            closed.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int untilInStep(DeviceAgent agent) throws SQLException, InterruptedException {
        if (demo) {
            new Demo(agent.rows()).write();
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
        while (System.nanoTime() < until) {
            if (agent.state() == AgentState.READY && agent.backlog() == 0) {
                return 0;
            }
            if (stopping.await(SOON.toMillis(), TimeUnit.MILLISECONDS)) {
                return 130;
            }
        }
        System.err.println("mooring-device-agent: not in step after " + timeoutSeconds + " s: " + agent.state() + ", "
                + agent.backlog() + " rows waiting");
        return 1;
    }

    private int work(DeviceAgent agent, Printer printer) throws InterruptedException {
        if (!demo) {
            stopping.await();
            return 0;
        }
        Demo writer = new Demo(agent.rows());
        long millis = Math.max(10, Math.round(demoSeconds * 1_000));
        do {
            try {
                writer.write();
            } catch (SQLException e) {
                printer.line("trouble", "the demo could not write: " + e.getMessage());
            }
        } while (!stopping.await(millis, TimeUnit.MILLISECONDS));
        return 0;
    }
}
