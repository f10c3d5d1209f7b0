package io.mooring.bridge.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One broker with the bridge's zip, or without it; can be killed and started again. */
public final class BrokerNode implements AutoCloseable {
    private static final String PASSWORD = "not-a-secret";

    private final JvmUse use;
    private final Path root;
    private final Path data;
    private final boolean withBridge;
    private final Map<String, String> environment;
    private final int applicationPort;
    private final List<String> flags;
    private ChildProcess process;

    private BrokerNode(
            JvmUse use,
            Path root,
            Path data,
            boolean withBridge,
            TestAuthority authority,
            Map<String, String> bridge,
            List<String> flags)
            throws IOException {
        this.use = use;
        this.flags = flags;
        this.root = root;
        this.data = data;
        this.withBridge = withBridge;
        Files.createDirectories(data);
        authority.writeServerKeystore(data.resolve("server.p12"), PASSWORD);
        authority.writeTruststore(data.resolve("devices.p12"), PASSWORD);
        this.environment = new HashMap<>(bridge);
        environment.put("MOORING_BROKER_KEYSTORE_PASSWORD", PASSWORD);
        environment.put("MOORING_BROKER_TRUSTSTORE_PASSWORD", PASSWORD);
        this.applicationPort = KafkaNode.freePort();
        this.process = launch(0);
    }

    /**
     * Starts a broker with the bridge.
     *
     * @param bridge the bridge's settings, as environment variables
     */
    public static BrokerNode start(
            JvmUse use, Path root, Path data, TestAuthority authority, Map<String, String> bridge) throws IOException {
        return new BrokerNode(use, root, data, true, authority, bridge, List.of());
    }

    /**
     * Starts a broker that lets in every trusted certificate: what the bridge is measured beside.
     *
     * @param flags of its JVM, in addition to the usual ones or instead of them
     */
    public static BrokerNode startBare(Path root, Path data, TestAuthority authority, String... flags)
            throws IOException {
        return new BrokerNode(JvmUse.LASTING, root, data, false, authority, Map.of(), List.of(flags));
    }

    private ChildProcess launch(int port) throws IOException {
        List<String> args = new ArrayList<>(List.of(
                "--port",
                Integer.toString(port),
                "--application-port",
                Integer.toString(applicationPort),
                "--data",
                data.toString(),
                "--keystore",
                data.resolve("server.p12").toString(),
                "--truststore",
                data.resolve("devices.p12").toString()));
        if (withBridge) {
            args.add("--extension");
            args.add(root.resolve("mqtt-bridge/target/mooring-mqtt-bridge.zip").toString());
        }
        List<String> jvm =
                new ArrayList<>(use.flags(root, "broker", "-Xms48m", "-Xmx256m", "-XX:MaxDirectMemorySize=128m"));
        jvm.addAll(flags);
        return ChildProcess.start(
                root.resolve("devstack/broker"),
                jvm,
                "io.mooring.devstack.broker.BrokerMain",
                args,
                environment,
                "broker ready on port");
    }

    /** Where devices connect, on this machine. */
    public int port() {
        return process.port();
    }

    /** Where applications connect, on this machine. */
    public int applicationPort() {
        return applicationPort;
    }

    /** The process, to hinder it. */
    public ChildProcess process() {
        return process;
    }

    /** Starts it again after it was killed or closed, with the same data and port. */
    public void restart() throws IOException {
        process = launch(port());
    }

    @Override
    public void close() {
        process.close();
    }
}
