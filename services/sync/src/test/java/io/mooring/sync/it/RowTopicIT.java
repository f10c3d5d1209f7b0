package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.RowTopic;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What applications read. */
class RowTopicIT {
    private final Cloud cloud = Cloud.get();

    private DownlinkReader topic(String table) {
        return cloud.reader(new RowTopic("main", table).name(cloud.stack().topicsPrefix()));
    }

    private static List<DownlinkReader.Told> of(DownlinkReader topic, String key) {
        return topic.all().stream().filter(told -> told.key().equals(key)).toList();
    }

    private static void await(DownlinkReader topic, String key, int times) {
        Awaitility.await(key).until(() -> of(topic, key).size() >= times);
    }

    @Test
    void tellsOfEveryWriteOfEveryTable() throws Exception {
        String device = cloud.device("acct1");
        String key = device + "/sensor#t";

        cloud.syncUp(device, 1, """
                {"cmd":"create","key":"sensor#t","item":{"_type":"Sensor","sk":"sensor#t","label":"x","updated":"2026-11-20T10:00:00.000Z"}}""", """
                {"cmd":"create","key":"service#","item":{"_type":"Service","sk":"service#","value":7,"updated":"2026-11-20T10:00:00.000Z"}}""");
        cloud.ack(device, 1);
        cloud.sql("UPDATE cloud_main.sensor SET label = 'y' WHERE device_id = ?", device);
        cloud.sql("DELETE FROM cloud_main.sensor WHERE device_id = ?", device);
        cloud.sql("INSERT INTO cloud_main.tariff (name, price) VALUES ('weekend', 2)");

        DownlinkReader sensors = topic("sensor");
        await(sensors, key, 3);
        List<DownlinkReader.Told> told = of(sensors, key);
        assertThat(told.get(0).json().path("label").asText()).isEqualTo("x");
        assertThat(told.get(0).json().path("clock").asText()).endsWith(device);
        assertThat(told.get(0).receiver()).isEqualTo("device/" + device);
        assertThat(told.get(1).json().path("label").asText()).isEqualTo("y");
        assertThat(told.get(1).json().path("fields").path("label").asText())
                .isEqualTo(told.get(1).json().path("clock").asText())
                .endsWith("cloud");
        assertThat(told.get(2).json().isNull()).isTrue();
        assertThat(told.get(2).type()).isEqualTo(EventTypes.ROW_REMOVED);
        // Of a table that devices are told nothing of, as well.
        await(topic("service"), device + "/service#", 1);
        await(topic("tariff"), "tariff#weekend", 1);
    }

    @Test
    void fillsATopicWithWhatWasThereBefore() throws Exception {
        String device = cloud.device("acct1");
        cloud.sql(
                "INSERT INTO cloud_main.site (account_id, id) SELECT 'fill', n::text FROM generate_series(1, 1200) n");
        cloud.sql("DELETE FROM cloud_main.site WHERE account_id = 'fill' AND id = '1200'");
        DownlinkReader sites = topic("site");
        await(sites, "fill/site#1200", 2);

        cloud.query("DELETE FROM sync.row_topic WHERE model = 'Site' RETURNING model");

        await(sites, "fill/site#1200", 3);
        await(sites, "fill/site#1199", 2);
        assertThat(of(sites, "fill/site#1200").getLast().json().isNull()).isTrue();
        assertThat(cloud.query("SELECT filled FROM sync.row_topic WHERE model = 'Site'"))
                .isSubsetOf("t", "f");
        cloud.sql("INSERT INTO cloud_main.sensor (device_id, id) VALUES (?, 'goes on')", device);
        await(topic("sensor"), device + "/sensor#goes on", 1);
    }
}
