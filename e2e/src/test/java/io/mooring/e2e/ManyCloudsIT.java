package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two device clouds in one installation, with accounts of the same name: nothing of one is in the other's reach. */
@ExtendWith(WholeCloud.class)
class ManyCloudsIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String HERE = "INMAIN0001";
    private static final String THERE = "INSECOND01";
    private static final String SCHEMA = """
            {format: 'onetable:1.1.0',
             models: {Thing: {pk: {type: 'string', value: 'thing#'}, sk: {type: 'string', value: 'thing#${id}'},
                              id: {type: 'string', required: true}, colour: {type: 'string'}}},
             process: {Thing: {enable: 'both', sync: 'both'}}}""";

    private final CloudAccess cloud;

    ManyCloudsIT(CloudAccess cloud) {
        this.cloud = cloud;
    }

    @Test
    void aDeviceOfOneCloudCanDoNothingInAnother() throws Exception {
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice here = new IotoDevice(HERE, cloud);
                IotoDevice there = new IotoDevice(THERE, cloud)) {
            operator.createCloud("second");
            operator.putSchema("second", SCHEMA);
            Joined mine = join(operator, here, HERE, "main");
            Joined theirs = join(operator, there, THERE, "second");
            here.connect(mine.provisioned());
            // The broker looks every few seconds whom to trust.
            await().atMost(SOON).ignoreExceptions().untilAsserted(() -> there.connect(theirs.provisioned()));

            // Its certificate comes from an authority of its cloud's own.
            assertThat(issuer(mine.provisioned())).isNotEqualTo(issuer(theirs.provisioned()));

            // Its rows lie in tables of its cloud's own.
            there.tell("db/syncToDynamo", """
                    {"seq":1,"changes":[
                     {"cmd":"create","key":"thing#t","item":{"_type":"Thing","sk":"thing#t","id":"t","colour":"red"}},
                     {"cmd":"create","key":"s#k","item":{"_type":"Store","sk":"s#k","key":"k","value":"v","type":"string"}}]}""");
            await().atMost(SOON).until(() -> !there.heard("sync/SYNC").isEmpty());
            assertThat(rows("cloud_second.thing", THERE)).isOne();
            assertThat(rows("cloud_second.store", THERE)).isOne();
            assertThat(rows("cloud_main.store", THERE)).isZero();

            // What is told to all of a cloud, or to an account in it, is told to nobody else.
            tell("second", "account/all");
            tell("second", "account/main");
            await().atMost(SOON)
                    .until(() -> there.hears("ioto/account/all/greeting") && there.hears("ioto/account/main/greeting"));
            tell("main", "account/all");
            await().atMost(SOON).until(() -> here.hears("ioto/account/all/greeting"));
            assertThat(here.hears("ioto/account/main/greeting")).isFalse();

            // It can neither speak for a neighbour nor get a certificate in its name.
            assertThatThrownBy(() -> there.publish(
                            "ioto/service/" + HERE + "/db/syncToDynamo",
                            "{\"seq\":1,\"changes\":[{\"cmd\":\"create\",\"key\":\"s#forged\",\"item\":{\"_type\":\"Store\","
                                    + "\"sk\":\"s#forged\",\"key\":\"forged\"}}]}"))
                    .isInstanceOf(Exception.class);
            assertThat(rows("cloud_main.store", HERE)).isZero();
            assertThat(here.isConnected()).isTrue();
            assertThat(here.provision(cloud.deviceApi(), theirs.token()).has("error"))
                    .isTrue();
        }
    }

    /** What a device holds once it has joined. */
    private record Joined(String token, JsonNode provisioned) {}

    private static Joined join(OperatorApi operator, IotoDevice device, String id, String deviceCloud)
            throws Exception {
        String product = operator.createProduct("of " + deviceCloud, deviceCloud, true);
        device.register(product, false);
        operator.claim(id);
        JsonNode claimed = JSON.readTree(device.register(product, false).body());
        assertThat(claimed.path("cloudName").asText()).isEqualTo(deviceCloud);
        String token = claimed.get("token").asText();
        return new Joined(token, device.provision(claimed.get("api").asText(), token));
    }

    private static X509Certificate certificate(JsonNode provisioned) throws Exception {
        byte[] pem = provisioned.get("certificate").asText().getBytes(StandardCharsets.US_ASCII);
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    }

    private static String issuer(JsonNode provisioned) throws Exception {
        return certificate(provisioned).getIssuerX500Principal().getName();
    }

    private long rows(String table, String device) throws Exception {
        try (Connection connection = cloud.connect();
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery(
                        "SELECT count(*) FROM " + table + " WHERE device_id = '" + device + "'")) {
            count.next();
            return count.getLong(1);
        }
    }

    private void tell(String deviceCloud, String receiver) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cloud.kafka()), new StringSerializer(), new StringSerializer())) {
            String key = receiver.substring(receiver.indexOf('/') + 1);
            ProducerRecord<String, String> record =
                    new ProducerRecord<>(Topic.DEVICE_DOWNLINK.name(Topic.DEFAULT_PREFIX), key, "hello");
            Map.of(
                            EventHeaders.SPEC_VERSION,
                            EventHeaders.SPEC_VERSION_1_0,
                            EventHeaders.ID,
                            UUID.randomUUID().toString(),
                            EventHeaders.SOURCE,
                            "/e2e",
                            EventHeaders.TYPE,
                            EventTypes.DEVICE_DOWNLINK,
                            EventHeaders.SUBJECT,
                            receiver,
                            EventHeaders.TOPIC,
                            "greeting",
                            EventHeaders.CLOUD,
                            deviceCloud)
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            producer.send(record).get();
        }
    }
}
