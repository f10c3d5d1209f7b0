package io.mooring.bench.telemetry;

import io.mooring.bench.cloud.TopicStack;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Metrics and logs with what they need, and what their work takes of the processors. */
final class TelemetryStack extends TopicStack {
    private static final String NO_LIMIT = "1000000";
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final long LOOK_MILLIS = 10;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TelemetryStack(Devstack stack) {
        super(stack, true);
    }

    /**
     * What one of many things took of the processors, in µs.
     *
     * @param postgresql of it by the database
     * @param service of it by the service
     */
    record Cost(double postgresql, double service) {
        double all() {
            return postgresql + service;
        }
    }

    /** Work that is to be measured. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    /** Starts all, with no limit on how often one caller may ask. */
    static TelemetryStack start() {
        return new TelemetryStack(Devstack.builder()
                .with(Component.METRICS, Component.LOGS)
                .environment(
                        Component.METRICS,
                        Map.of(
                                "MOORING_METRICS_LIMITS_REQUESTS_PER_SECOND", NO_LIMIT,
                                "MOORING_METRICS_LIMITS_REQUEST_BURST", NO_LIMIT))
                .environment(
                        Component.LOGS,
                        Map.of(
                                "MOORING_LOGS_LIMITS_REQUESTS_PER_SECOND", NO_LIMIT,
                                "MOORING_LOGS_LIMITS_REQUEST_BURST", NO_LIMIT))
                .start());
    }

    /** What each of so many things took while some work was done, once PostgreSQL has nothing left to do of before. */
    Cost cost(Component service, int things, Work work) throws Exception {
        execute("postgres", "VACUUM ANALYZE");
        // So that each begins with as many pages to be written whole to the log.
        execute("postgres", "CHECKPOINT");
        double postgresqlBefore = processorSeconds(Component.POSTGRESQL);
        double serviceBefore = processorSeconds(service);
        work.run();
        return new Cost(
                (processorSeconds(Component.POSTGRESQL) - postgresqlBefore) * 1e6 / things,
                (processorSeconds(service) - serviceBefore) * 1e6 / things);
    }

    /**
     * Says messages in rounds, and waits after each until the service has committed all of it.
     *
     * @param table where the service notes how far it has read
     */
    void sayAll(Topic topic, String table, Iterable<Iterable<Said>> rounds) throws SQLException, InterruptedException {
        // One connection for all looks: for a new one PostgreSQL would have to work.
        try (Connection connection = superuser();
                PreparedStatement position =
                        connection.prepareStatement("SELECT coalesce(sum(next), 0) FROM " + table)) {
            long read = number(position);
            for (Iterable<Said> round : rounds) {
                for (Said said : round) {
                    say(topic, said.device(), said.tail(), said.json());
                    read++;
                }
                flush();
                long end = System.nanoTime() + PATIENCE_NANOS;
                while (number(position) < read) {
                    if (System.nanoTime() > end) {
                        throw new IllegalStateException("what was said is not in " + table + " after minutes");
                    }
                    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                }
            }
        }
    }

    /** A message of a device. */
    record Said(String device, String tail, byte[] json) {}

    private static long number(PreparedStatement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery()) {
            result.next();
            return result.getLong(1);
        }
    }

    void execute(String role, String sql) throws SQLException {
        try (Connection connection = devstack().connection(role);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Has an operator ask metrics something. */
    String askMetrics(String path) throws IOException, InterruptedException {
        return send(request(devstack().ports().metrics(), path));
    }

    /** Has an operator ask logs something. */
    String askLogs(String path) throws IOException, InterruptedException {
        return send(request(devstack().ports().logs(), path));
    }

    /** Has an operator set for how many days lines are kept. */
    void keepLines(int days) throws IOException, InterruptedException {
        send(request(devstack().ports().logs(), "/v1/clouds/main/log-retention")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"days\":" + days + "}")));
    }

    private HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + devstack().secrets().operatorToken());
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(answer.uri() + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    @Override
    public void close() {
        http.close();
        super.close();
    }
}
