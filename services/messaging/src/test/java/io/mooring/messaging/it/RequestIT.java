package io.mooring.messaging.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.it.Cloud.Answer;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever asks and is not answered is told so in time, on both sides, and an answer that comes later is nobody's. */
class RequestIT {
    private static Cloud cloud;

    @BeforeAll
    static void start() {
        cloud = Cloud.get();
    }

    private static void asks(String device, String subject, String body) throws Exception {
        cloud.send(
                Topic.DEVICE_UPLINK,
                device,
                EventTypes.DEVICE_UPLINK,
                body,
                EventHeaders.SUBJECT,
                subject,
                EventHeaders.ACCOUNT,
                "acct1");
    }

    @Test
    void tellsADeviceThatNobodyAnswered() throws Exception {
        String device = cloud.device("Q1");
        Answer made = cloud.application("'publish'", "");
        String token = made.json().path("token").asText();
        cloud.put("/v1/products/Q1/request-handlers/weather", token, "");

        asks(device, "weather/7", "'Bern'");
        Answer waiting = cloud.get("/v1/requests?wait=20", token);
        String request = waiting.json().at("/requests/0/id").asText();

        Cloud.Told told = cloud.await(
                Topic.DEVICE_DOWNLINK,
                record -> record.key().equals(device)
                        && record.header(EventHeaders.TOPIC).equals("weather/7"));
        assertThat(told.json().path("error").asText()).isEqualTo("no answer in time");
        Answer late = cloud.post("/v1/requests/" + request + "/answer", token, "sunny");
        assertThat(late.status()).isEqualTo(409);
        assertThat(late.code()).isEqualTo("finished");
        assertThat(cloud.get("/v1/requests", token).json().path("requests")).isEmpty();
    }

    @Test
    void tellsAnApplicationThatTheDeviceIsSilent() throws Exception {
        String device = cloud.device("Q2");
        Answer made = cloud.application("'command'", "");
        String application = made.json().path("id").asText();
        cloud.send(
                Topic.APPLICATION_REQUEST,
                application,
                "io.mooring.application.request",
                "well?",
                EventHeaders.SUBJECT,
                "ask/" + device + "/status/1");

        Answer silent = cloud.post(
                "/v1/devices/" + device + "/requests/status?timeout=1",
                made.json().path("token").asText(),
                "well?");

        assertThat(silent.status()).isEqualTo(504);
        assertThat(silent.code()).isEqualTo("device-silent");
        Cloud.Told told = cloud.await(
                Topic.APPLICATION_MESSAGE,
                record -> record.key().equals(application)
                        && record.header(EventHeaders.TOPIC).equals("answer/" + device + "/status/1"));
        assertThat(told.json().path("error").asText()).isEqualTo("no answer in time");
    }

    @Test
    void boundsWhatWaitsForOneDevice() throws Exception {
        String device = cloud.device("Q3");
        Answer made = cloud.application("'command'", "");
        String application = made.json().path("id").asText();
        for (int i = 0; i < 25; i++) {
            cloud.send(
                    Topic.APPLICATION_REQUEST,
                    application,
                    "io.mooring.application.request",
                    "well?",
                    EventHeaders.SUBJECT,
                    String.format(Locale.ROOT, "ask/%s/status/%d", device, i));
        }

        Cloud.Told told = cloud.await(
                Topic.APPLICATION_MESSAGE,
                record -> record.key().equals(application)
                        && record.header(EventHeaders.TOPIC).startsWith("refused/ask/" + device));
        assertThat(told.json().path("error").asText()).contains("20 requests of this device wait");
    }
}
