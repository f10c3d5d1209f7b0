package io.mooring.devstack.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.contracts.kafka.Topic;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DevstackIT {
    private static Devstack stack;

    @BeforeAll
    static void start() {
        stack = Devstack.builder()
                .brief()
                .with(Component.POSTGRESQL, Component.CONNECT)
                .start();
    }

    @AfterAll
    static void stop() {
        stack.close();
        assertThat(stack.dataDir()).doesNotExist();
    }

    @Test
    void preparesTheDatabase() throws Exception {
        try (Connection connection = stack.connection("mooring_sync");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT mooring_create_cloud('trial')");
            statement.execute("CREATE TABLE IF NOT EXISTS cloud_trial.thing (id int PRIMARY KEY)");
        }
        try (Connection connection = stack.connection("mooring_operator");
                Statement statement = connection.createStatement();
                ResultSet settings = statement.executeQuery("SELECT current_setting('wal_level'),"
                        + " current_setting('fsync'), current_setting('data_checksums')")) {
            assertThat(settings.next()).isTrue();
            assertThat(settings.getString(1)).isEqualTo("logical");
            assertThat(settings.getString(2)).isEqualTo("on");
            assertThat(settings.getString(3)).isEqualTo("on");
        }
    }

    @Test
    void makesTheTopicsAndTheirDeadLetters() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            Set<String> names = admin.listTopics().names().get();

            for (Topic topic : Topic.ALL) {
                assertThat(names).contains(topic.name("mooring"), topic.deadLetterName("mooring"));
            }
            String change = Topic.DATABASE_CHANGE.name("mooring");
            var described = admin.describeTopics(Set.of(change)).allTopicNames().get();
            assertThat(described.values())
                    .singleElement()
                    .satisfies(topic -> assertThat(topic.partitions()).hasSize(1));
        }
    }

    @Test
    void offersDebezium() throws Exception {
        assertThat(connectPlugins()).contains("io.debezium.connector.postgresql.PostgresConnector");
    }

    @Test
    void startsEachAgainAfterAKill() throws Exception {
        for (Component component : stack.components()) {
            long before = stack.pid(component).orElseThrow();

            stack.kill(component);
            stack.awaitReady(component);

            assertThat(stack.pid(component).orElseThrow())
                    .as("%s is another process", component)
                    .isNotEqualTo(before);
            assertThat(stack.deaths(component)).isPositive();
        }
        // All are of use, not only running.
        makesTheTopicsAndTheirDeadLetters();
        preparesTheDatabase();
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(connectPlugins()).contains("PostgresConnector"));
    }

    private static String connectPlugins() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(stack.url(Component.CONNECT) + "/connector-plugins"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
