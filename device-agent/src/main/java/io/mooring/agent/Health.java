package io.mooring.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the agent itself does, as metrics: {@code process.memory.usage} (bytes, resident) and {@code process.uptime} (seconds) by the names
 * of OpenTelemetry's semantic conventions for processes, and how much waits for the cloud.
 */
final class Health implements Supplier<Map<String, Double>> {
    private static final Logger LOG = LoggerFactory.getLogger(Health.class);

    /** proc(5), {@code /proc/pid/status}. */
    private static final Path STATUS = Path.of("/proc/self/status");

    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s*(\\d{1,15}) kB");
    private static final double KIBIBYTE = 1_024;
    private static final double MILLIS_PER_SECOND = 1_000;

    /** How many rows wait. */
    @FunctionalInterface
    interface Backlog {
        long rows() throws SQLException;
    }

    private final Backlog backlog;
    private final IntSupplier logs;
    private final Supplier<Metrics> metrics;

    Health(Backlog backlog, IntSupplier logs, Supplier<Metrics> metrics) {
        this.backlog = backlog;
        this.logs = logs;
        this.metrics = metrics;
    }

    @Override
    public Map<String, Double> get() {
        Map<String, Double> health = new LinkedHashMap<>();
        resident(health);
        health.put(
                "process.uptime",
                ProcessHandle.current()
                        .info()
                        .startInstant()
                        .map(began -> (System.currentTimeMillis() - began.toEpochMilli()) / MILLIS_PER_SECOND)
                        .orElse(0.0));
        try {
            health.put("agent.rows.waiting", (double) backlog.rows());
        } catch (SQLException busy) {
            LOG.debug("how many rows wait is not known now", busy);
        }
        health.put("agent.logs.waiting", (double) logs.getAsInt());
        health.put("agent.metrics.waiting", (double) metrics.get().waiting());
        return health;
    }

    private static void resident(Map<String, Double> health) {
        try {
            Matcher found = RESIDENT.matcher(Files.readString(STATUS, StandardCharsets.ISO_8859_1));
            if (found.find()) {
                health.put("process.memory.usage", Long.parseLong(found.group(1)) * KIBIBYTE);
            }
        } catch (IOException elsewhere) {
            LOG.debug("only Linux says how much memory the process has", elsewhere);
        }
    }
}
