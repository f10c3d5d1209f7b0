package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.Ports;
import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.RunState;
import io.mooring.devstack.launcher.place.Secrets;
import io.mooring.devstack.launcher.process.StartException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A cloud that runs, as its clients see it.
 *
 * @param environment all that a client needs to know, by the names of environment variables
 */
public record RunningCloud(Map<String, String> environment) {
    private static final String OPERATOR_ROLE = "mooring_operator";

    /**
     * What other commands are told of one that runs in this process.
     *
     * @param since when the process was started
     */
    static RunState state(Devstack stack, Instant since) {
        return new RunState(
                ProcessHandle.current().pid(),
                since.toEpochMilli(),
                stack.ports(),
                stack.topicsPrefix(),
                stack.processes());
    }

    /** One on this machine, which the launcher runs. */
    public static RunningCloud of(DataFolder folder, RunState state) {
        Ports ports = state.ports();
        String api = "https://localhost:" + ports.api();
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("MOORING_API", api);
        variables.put("MOORING_DEVICE_API", api);
        variables.put("MOORING_FILES", "https://localhost:" + ports.filesTls());
        variables.put("MOORING_MESSAGING", "https://localhost:" + ports.messagingTls());
        variables.put("MOORING_AUDIT", "https://localhost:" + ports.auditTls());
        variables.put("MOORING_METRICS", "https://localhost:" + ports.metricsTls());
        variables.put("MOORING_LOGS", "https://localhost:" + ports.logsTls());
        variables.put("MOORING_MQTT_HOST", "localhost");
        variables.put("MOORING_MQTT_PORT", Integer.toString(ports.mqtt()));
        variables.put("MOORING_APP_MQTT_HOST", "localhost");
        variables.put("MOORING_APP_MQTT_PORT", Integer.toString(ports.mqttApplications()));
        variables.put("MOORING_CA", folder.tls().resolve("authority.pem").toString());
        variables.put("MOORING_KAFKA", "127.0.0.1:" + ports.kafka());
        variables.put("MOORING_TOPICS_PREFIX", state.topicsPrefix());
        variables.put("MOORING_JDBC", "jdbc:postgresql://127.0.0.1:" + ports.postgresql() + "/mooring");
        variables.put("MOORING_CONNECT", "http://127.0.0.1:" + ports.connect());
        variables.put("MOORING_SYNC_API", "http://127.0.0.1:" + ports.sync());
        variables.put("MOORING_DATA", folder.path().toString());
        variables.put("PGHOST", "127.0.0.1");
        variables.put("PGPORT", Integer.toString(ports.postgresql()));
        variables.put("PGDATABASE", "mooring");
        return withSecrets(variables, folder.secrets());
    }

    /** One anywhere: where things are is in the environment, and what opens them in a folder of secrets. */
    static RunningCloud elsewhere(Map<String, String> environment, Path secrets) {
        Map<String, String> variables = new LinkedHashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith("MOORING_") || name.startsWith("PG")) {
                variables.put(name, value);
            }
        });
        return withSecrets(variables, Secrets.in(secrets));
    }

    private static RunningCloud withSecrets(Map<String, String> variables, Secrets secrets) {
        variables.put("MOORING_TOKEN", secrets.operatorToken());
        variables.put("MOORING_SYNC_TOKEN", secrets.serviceToken("launcher", "sync"));
        variables.put("PGUSER", OPERATOR_ROLE);
        variables.put("PGPASSWORD", secrets.rolePassword(OPERATOR_ROLE));
        return new RunningCloud(variables);
    }

    /**
     * One of the variables.
     *
     * @throws StartException if it is not known
     */
    String get(String name) {
        String value = environment.get(name);
        if (value == null) {
            throw new StartException("the environment does not say where the cloud is: " + name + " is not set");
        }
        return value;
    }

    /** PEM of whom its servers' certificates are by. */
    Path authority() {
        return Path.of(get("MOORING_CA"));
    }
}
