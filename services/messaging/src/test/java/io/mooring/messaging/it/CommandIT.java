package io.mooring.messaging.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.it.Cloud.Answer;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands from the HTTP call to the device's answer, by the way that everything goes. */
class CommandIT {
    private static Cloud cloud;
    private static String token;

    @BeforeAll
    static void application() throws Exception {
        cloud = Cloud.get();
        Answer made = cloud.application("'read','command'", "");
        assertThat(made.status()).isEqualTo(201);
        token = made.json().path("token").asText();
    }

    private static String command(String body) throws Exception {
        Answer answer = cloud.post("/v1/commands", token, body);
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(201);
        return answer.json().path("id").asText();
    }

    private static JsonNode standing(String command) throws Exception {
        return cloud.get("/v1/commands/" + command, token).json();
    }

    @Test
    void takesTheCallersCommandToTheDeviceAndItsAnswerBack() throws Exception {
        String device = cloud.device("P1");
        cloud.describe(device, "'answersCommands':true");
        CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return cloud.post(
                        "/v1/commands",
                        token,
                        "{'command':'blink','device':'%s','args':{'times':3},'waitSeconds':30}".formatted(device));
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        });
        Cloud.Told row = cloud.await(
                Topic.DEVICE_DOWNLINK,
                record -> record.key().equals(device)
                        && record.json().path("command").asText().equals("blink"));
        String id = row.json().path("id").asText();
        assertThat(row.header(EventHeaders.RECEIPT)).isEqualTo(id);
        assertThat(row.json().path("args").path("times").asInt()).isEqualTo(3);

        cloud.receipt(device, id);
        cloud.awaitState(device, id, "delivered");
        cloud.answer(device, id, "'status':'running','progress':50");
        assertThat(cloud.awaitState(device, id, "running").path("progress").asInt())
                .isEqualTo(50);
        cloud.answer(device, id, "'status':'succeeded','output':{'blinked':3}");

        Answer answer = waiting.get(30, TimeUnit.SECONDS);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().path("state").asText()).isEqualTo("completed");
        JsonNode result = answer.json().path("result");
        assertThat(result.path("state").asText()).isEqualTo("succeeded");
        assertThat(result.path("output").path("blinked").asInt()).isEqualTo(3);
        JsonNode last = cloud.awaitState(device, id, "succeeded");
        assertThat(last.path("final").asBoolean()).isTrue();
        // The caller hears of each state over MQTT as well.
        cloud.await(
                Topic.APPLICATION_MESSAGE,
                record -> record.header(EventHeaders.TOPIC).equals("command/" + device + "/" + id)
                        && record.json().path("state").asText().equals("succeeded"));
        // What a device has answered it need not keep.
        cloud.await(
                Topic.DEVICE_DOWNLINK,
                record -> record.key().equals(device)
                        && record.header(EventHeaders.TOPIC).equals("sync/REMOVE")
                        && record.header(EventHeaders.RECEIPT).isEmpty());
    }

    @Test
    void saysThatDeliveredIsTheEndWhereDevicesDoNotAnswer() throws Exception {
        String device = cloud.device("P1");
        cloud.describe(device, "'name':'an agent of the base protocol'");
        Awaitility.await()
                .atMost(Cloud.PATIENCE)
                .until(() -> !cloud.query("SELECT 1 FROM messaging.answering_device WHERE device = ?", device)
                        .isEmpty());
        String id = command("{'command':'reboot','device':'%s'}".formatted(device));
        cloud.awaitCommand(device, id);
        cloud.receipt(device, id);

        JsonNode delivered = cloud.awaitState(device, id, "delivered");
        assertThat(delivered.path("final").asBoolean()).isTrue();
        assertThat(standing(id).path("state").asText()).isEqualTo("completed");
        assertThat(cloud.query("SELECT command FROM cloud_main.command WHERE id = ?", id))
                .hasSize(1);
    }

    @Test
    void followsCommandsThatAreWrittenBySql() throws Exception {
        String device = cloud.device("P1");
        cloud.query(
                "INSERT INTO cloud_main.command (device_id, command, args) VALUES (?, 'reboot', '{}') RETURNING id",
                device);
        Cloud.Told row = cloud.await(
                Topic.DEVICE_DOWNLINK,
                record -> record.key().equals(device)
                        && record.json().path("command").asText().equals("reboot"));
        String id = row.json().path("id").asText();
        cloud.receipt(device, id);

        JsonNode delivered = cloud.awaitState(device, id, "delivered");
        assertThat(delivered.path("caller").asText()).isEqualTo("sql");
        Answer standing = cloud.get("/v1/commands/" + id, cloud.operator());
        assertThat(standing.json().path("command").asText()).isEqualTo("reboot");
    }

    @Test
    void endsWhatWasAskedOfADeviceThatLeaves() throws Exception {
        String device = cloud.device("P1");
        String id = command("{'command':'c','device':'%s'}".formatted(device));
        cloud.awaitCommand(device, id);
        cloud.send(
                Topic.DEVICE_REGISTRY,
                device,
                "io.mooring.device.registry",
                "{'device':'%s','cloud':'main','account':'acct2','product':'P1','state':'active','certificates':[]}"
                        .formatted(device));

        assertThat(cloud.awaitState(device, id, "cancelled").path("message").asText())
                .contains("changed hands");
    }

    @Test
    void doesOnceWhatIsAskedTwice() throws Exception {
        String device = cloud.device("P1");
        String body = "{'command':'once','device':'%s'}".formatted(device);
        Answer first = cloud.post("/v1/commands", token, body, "Idempotency-Key", "key-" + device);
        Answer second = cloud.post("/v1/commands", token, body, "Idempotency-Key", "key-" + device);
        Answer other =
                cloud.post("/v1/commands", token, body.replace("once", "twice"), "Idempotency-Key", "key-" + device);

        assertThat(first.status()).isEqualTo(201);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.code()).isEqualTo("idempotency-key-reused");
        assertThat(cloud.query("SELECT id FROM cloud_main.command WHERE device_id = ?", device))
                .hasSize(1);
    }

    @Test
    void beginsWhenItsTimeComes() throws Exception {
        String one = cloud.device("P5");
        String two = cloud.device("P5");
        Instant at = Instant.now().plusSeconds(2);
        String id = command("{'command':'c','devices':['%s','%s'],'at':'%s'}".formatted(one, two, at));
        assertThat(standing(id).path("state").asText()).isEqualTo("scheduled");

        cloud.awaitCommand(one, id);
        cloud.awaitCommand(two, id);
        JsonNode sent = cloud.awaitState(one, id, "sent");
        assertThat(Instant.parse(sent.path("at").asText())).isAfterOrEqualTo(at);
        assertThat(standing(id).path("state").asText()).isEqualTo("running");
    }

    @Test
    void endsWhatNobodyTakesOrAnswersInTime() throws Exception {
        String absent = cloud.device("P1");
        String silent = cloud.device("P1");
        cloud.describe(silent, "'answersCommands':true");
        String never = command("{'command':'c','device':'%s','expiresSeconds':1}".formatted(absent));
        String unanswered = command("{'command':'c','device':'%s','timeoutSeconds':1}".formatted(silent));
        cloud.awaitCommand(silent, unanswered);
        cloud.receipt(silent, unanswered);

        assertThat(cloud.awaitState(absent, never, "timedOut").path("message").asText())
                .contains("did not get it");
        assertThat(cloud.awaitState(silent, unanswered, "timedOut")
                        .path("message")
                        .asText())
                .contains("did not answer");
        // It will not get it any more when it comes.
        assertThat(cloud.query("SELECT id FROM cloud_main.command WHERE device_id = ?", absent))
                .isEmpty();

        // An answer that comes too late changes nothing and is kept.
        cloud.answer(silent, unanswered, "'status':'succeeded','output':7");
        Awaitility.await().atMost(Cloud.PATIENCE).untilAsserted(() -> {
            JsonNode device = cloud.get("/v1/commands/" + unanswered + "/devices/" + silent, token)
                    .json();
            assertThat(device.path("state").asText()).isEqualTo("timedOut");
            assertThat(device.path("late").path("output").asInt()).isEqualTo(7);
        });
    }

    @Test
    void findsItsDevicesByWhatTheyAre() throws Exception {
        String old = cloud.device("P2");
        String fresh = cloud.device("P2");
        String other = cloud.device("P3");
        cloud.describe(old, "'version':'1.9.3','zone':'north'");
        cloud.describe(fresh, "'version':'1.10.0','zone':'north'");
        cloud.describe(other, "'version':'1.0','zone':'north'");
        Awaitility.await()
                .atMost(Cloud.PATIENCE)
                .until(() ->
                        cloud.query("SELECT 1 FROM cloud_main.device WHERE device_id IN (?, ?, ?)", old, fresh, other)
                                        .size()
                                == 3);
        String id = command("{'command':'c','query':'product = P2 and version < 1.10 and zone like no*'}");

        JsonNode devices =
                cloud.get("/v1/commands/" + id + "/devices", token).json().path("devices");
        assertThat(devices).hasSize(1);
        assertThat(devices.path(0).path("device").asText()).isEqualTo(old);
        JsonNode found = cloud.get("/v1/devices?query=zone%20=%20north%20and%20not%20product%20=%20P2", token)
                .json()
                .path("devices");
        assertThat(found).hasSize(1);
        assertThat(found.path(0).path("id").asText()).isEqualTo(other);
    }

    @Test
    void stopsWhenTooManyFailAndCanBeCalledOff() throws Exception {
        for (int i = 0; i < 5; i++) {
            cloud.describe(cloud.device("P4"), "'answersCommands':true");
        }
        String slow = command("{'command':'c','product':'P4','ratePerMinute':1,'stop':{'failureShare':0.5,'after':1}}");
        assertThat(standing(slow).path("devices").asInt()).isEqualTo(5);
        JsonNode sent = cloud.get("/v1/commands/" + slow + "/devices?state=sent", token)
                .json()
                .path("devices");
        assertThat(sent).hasSize(1);
        cloud.answer(sent.path(0).path("device").asText(), slow, "'status':'failed','message':'no'");
        Awaitility.await().atMost(Cloud.PATIENCE).untilAsserted(() -> {
            JsonNode standing = standing(slow);
            assertThat(standing.path("state").asText()).isEqualTo("stopped");
            assertThat(standing.path("counts").path("cancelled").asInt()).isEqualTo(4);
            assertThat(standing.path("counts").path("failed").asInt()).isEqualTo(1);
            assertThat(standing.has("finished")).isTrue();
        });

        String later = command("{'command':'c','product':'P4','at':'2099-01-01T00:00:00Z'}".replace("2099", "2027"));
        assertThat(standing(later).path("state").asText()).isEqualTo("scheduled");
        assertThat(cloud.post("/v1/commands/" + later + "/abort", token, "").status())
                .isEqualTo(202);
        Awaitility.await().atMost(Cloud.PATIENCE).until(() -> standing(later).has("finished"));
        assertThat(cloud.post("/v1/commands/" + later + "/abort", token, "").code())
                .isEqualTo("finished");

        String aborted = command("{'command':'c','product':'P4'}");
        assertThat(cloud.post("/v1/commands/" + aborted + "/abort", token, "").status())
                .isEqualTo(202);
        Awaitility.await()
                .atMost(Cloud.PATIENCE)
                .untilAsserted(() -> assertThat(standing(aborted)
                                .path("counts")
                                .path("cancelled")
                                .asInt())
                        .isEqualTo(5));
        assertThat(cloud.query("SELECT id FROM cloud_main.command WHERE id = ?", aborted))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'command':'c','device':'NOSUCHDEV1'}              | 404 | unknown-device",
                "{'command':'c','device':'NOSUCHDEV1','cloud':'x'}  | 403 | not-allowed",
                "{'command':'c'                                     | 400 | malformed-json",
                "{'command':'c','query':'a ='}                      | 400 | bad-query",
                "{'command':'c','product':'P','waitSeconds':61}     | 400 | bad-request",
            })
    void refusesClearly(String body, int status, String code) throws Exception {
        Answer answer = cloud.post("/v1/commands", token, body);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.json().path("detail").asText()).isNotEmpty();
    }

    @Test
    void answersApplicationsOverMqttByTheSameRules() throws Exception {
        Answer made = cloud.application("'command'", "");
        String application = made.json().path("id").asText();
        String device = cloud.device("P1");
        cloud.send(
                Topic.APPLICATION_REQUEST,
                application,
                "io.mooring.application.request",
                "{'command':'blink'}",
                EventHeaders.SUBJECT,
                "command/" + device,
                EventHeaders.CORRELATION_DATA,
                "NDI=");

        Cloud.Told answer = cloud.await(
                Topic.APPLICATION_MESSAGE,
                record -> record.key().equals(application)
                        && record.header(EventHeaders.TOPIC).equals("response/command/" + device));
        assertThat(answer.header(EventHeaders.CORRELATION_DATA)).isEqualTo("NDI=");
        String command = answer.json().path("id").asText();
        cloud.awaitCommand(device, command);

        assertThat(ask(application, "show/" + command, 1)
                        .path("counts")
                        .path("sent")
                        .asInt())
                .isEqualTo(1);
        assertThat(ask(application, "abort/" + command, 1).path("state").asText())
                .isEqualTo("aborted");
        cloud.awaitState(device, command, "cancelled");
        Awaitility.await()
                .atMost(Cloud.PATIENCE)
                .until(() -> cloud.get("/v1/commands/" + command, cloud.operator())
                        .json()
                        .has("finished"));
        assertThat(ask(application, "abort/" + command, 2).path("code").asText())
                .isEqualTo("finished");
        assertThat(ask(application, "show/" + command, 2).path("state").asText())
                .isEqualTo("aborted");
        // Others' commands are none of its business, by this door as by the other.
        String stranger = cloud.application("'command'", "").json().path("id").asText();
        assertThat(ask(stranger, "show/" + command, 1).path("code").asText()).isEqualTo("unknown-command");
        assertThat(ask(stranger, "abort/" + command, 1).path("code").asText()).isEqualTo("unknown-command");
    }

    /** What an application is answered that asks something over MQTT, for the so manyth time. */
    private static JsonNode ask(String application, String subject, int time) throws Exception {
        cloud.send(
                Topic.APPLICATION_REQUEST,
                application,
                "io.mooring.application.request",
                "",
                EventHeaders.SUBJECT,
                subject);
        return cloud.await(
                        Topic.APPLICATION_MESSAGE,
                        time,
                        record -> record.key().equals(application)
                                && record.header(EventHeaders.TOPIC).equals("response/" + subject))
                .json();
    }

    @Test
    void isFollowedByServerSentEvents() throws Exception {
        String device = cloud.device("P6");
        cloud.describe(device, "'answersCommands':true");
        String followed = command("{'command':'c','device':'%s'}".formatted(device));
        String other = command("{'command':'c','device':'%s'}".formatted(device));
        for (String id : new String[] {followed, other}) {
            cloud.awaitCommand(device, id);
            cloud.receipt(device, id);
            cloud.awaitState(device, id, "delivered");
        }

        try (Cloud.Events events = cloud.listen("/v1/events?command=" + followed, token)) {
            assertThat(events.next("standing").path("counts").path("delivered").asInt())
                    .isEqualTo(1);
            cloud.answer(device, other, "'status':'running','progress':1");
            cloud.awaitState(device, other, "running");
            cloud.answer(device, followed, "'status':'running','progress':50");
            cloud.awaitState(device, followed, "running");
            cloud.answer(device, followed, "'status':'succeeded'");

            JsonNode running = events.next("command");
            assertThat(running.path("command").asText()).isEqualTo(followed);
            assertThat(running.path("progress").asInt()).isEqualTo(50);
            assertThat(events.next("command").path("final").asBoolean()).isTrue();
        }
        String stranger =
                cloud.application("'command'", "").json().path("token").asText();
        assertThat(cloud.get("/v1/events?command=" + followed, stranger).code()).isEqualTo("unknown-command");
    }
}
