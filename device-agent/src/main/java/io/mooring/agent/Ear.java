package io.mooring.agent;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.agent.cloud.CloudConnection;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hears what the cloud and applications say, and gives it to whom it concerns (device protocol, sections 1.3 and 2). */
final class Ear {
    private static final Logger LOG = LoggerFactory.getLogger(Ear.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long RELEASE_FRESH_MILLIS = 10_000;
    private static final long THROTTLE_FRESH_MILLIS = 30_000;
    private static final Duration THROTTLE_PAUSE = Duration.ofSeconds(5);
    private static final Duration THROTTLE_AWAY = Duration.ofHours(1);

    private final DeviceAgent agent;
    private final String device;
    private volatile long lastReleaseMillis = Long.MIN_VALUE;

    Ear(DeviceAgent agent, String device) {
        this.agent = agent;
        this.device = device;
    }

    CloudConnection.Hearers hearers() {
        return new CloudConnection.Hearers(
                this::hear, (tail, payload) -> agent.messages().data(tail, payload));
    }

    private void hear(String tail, byte[] payload, Runnable done) {
        switch (tail) {
            case DeviceTopics.RELEASE -> {
                done.run();
                release(payload);
            }
            case "mqtt/throttle" -> {
                done.run();
                throttle(payload);
            }
            default -> {
                if (agent.messages().told(tail, payload)) {
                    done.run();
                } else {
                    agent.engine().told(tail, payload, done);
                }
            }
        }
    }

    private void release(byte[] payload) {
        String text = new String(payload, StandardCharsets.UTF_8).strip();
        try {
            long at = Long.parseLong(text);
            if (System.currentTimeMillis() - at > RELEASE_FRESH_MILLIS || at == lastReleaseMillis) {
                // the broker delivers one again whose acknowledgement got lost in hanging up
                LOG.info("{}: ignores a release of before", device);
                return;
            }
            lastReleaseMillis = at;
            agent.release();
        } catch (NumberFormatException e) {
            agent.tell(new AgentEvent.Trouble("a release without a time was ignored"));
        }
    }

    private void throttle(byte[] payload) {
        try {
            var message = JSON.readTree(payload);
            if (System.currentTimeMillis() - message.path("timestamp").asLong() > THROTTLE_FRESH_MILLIS) {
                return;
            }
            if (message.path("close").asBoolean()) {
                agent.stayAway(THROTTLE_AWAY);
            } else {
                agent.engine().hold(THROTTLE_PAUSE.toMillis());
            }
        } catch (IOException e) {
            agent.tell(new AgentEvent.Trouble("a throttle message made no sense"));
        }
    }
}
