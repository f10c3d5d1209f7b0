package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.Ports;
import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.RunState;
import io.mooring.devstack.launcher.place.Secrets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A cloud that runs, as its clients see it.
 *
 * @param folder where it keeps all it has
 * @param state what runs
 */
record RunningCloud(DataFolder folder, RunState state) {
    private static final String OPERATOR_ROLE = "mooring_operator";

    String api() {
        return "https://localhost:" + state.ports().api();
    }

    /** The applications' API. */
    String messaging() {
        return "https://localhost:" + state.ports().messagingTls();
    }

    /** The audit trail's API. */
    String audit() {
        return "https://localhost:" + state.ports().auditTls();
    }

    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + state.ports().postgresql() + "/mooring";
    }

    /** All that a client needs to know, by the names of environment variables. */
    Map<String, String> environment() {
        Ports ports = state.ports();
        Secrets secrets = folder.secrets();
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("MOORING_API", api());
        variables.put("MOORING_DEVICE_API", api());
        variables.put("MOORING_FILES", "https://localhost:" + ports.filesTls());
        variables.put("MOORING_MESSAGING", messaging());
        variables.put("MOORING_AUDIT", audit());
        variables.put("MOORING_MQTT_HOST", "localhost");
        variables.put("MOORING_MQTT_PORT", Integer.toString(ports.mqtt()));
        variables.put("MOORING_APP_MQTT_HOST", "localhost");
        variables.put("MOORING_APP_MQTT_PORT", Integer.toString(ports.mqttApplications()));
        variables.put("MOORING_CA", folder.tls().resolve("authority.pem").toString());
        variables.put("MOORING_TOKEN", secrets.operatorToken());
        variables.put("MOORING_KAFKA", "127.0.0.1:" + ports.kafka());
        variables.put("MOORING_TOPICS_PREFIX", state.topicsPrefix());
        variables.put("MOORING_JDBC", jdbcUrl());
        variables.put("MOORING_CONNECT", "http://127.0.0.1:" + ports.connect());
        variables.put("MOORING_SYNC_API", "http://127.0.0.1:" + ports.sync());
        variables.put("MOORING_SYNC_TOKEN", secrets.serviceToken("launcher", "sync"));
        variables.put("MOORING_DATA", folder.path().toString());
        variables.put("PGHOST", "127.0.0.1");
        variables.put("PGPORT", Integer.toString(ports.postgresql()));
        variables.put("PGDATABASE", "mooring");
        variables.put("PGUSER", OPERATOR_ROLE);
        variables.put("PGPASSWORD", secrets.rolePassword(OPERATOR_ROLE));
        return variables;
    }
}
