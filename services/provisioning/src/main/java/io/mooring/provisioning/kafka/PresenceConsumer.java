package io.mooring.provisioning.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.mooring.provisioning.SuccessionHandler;
import io.mooring.provisioning.SuccessionHandler.Seen;
import io.mooring.provisioning.core.Identity;
import io.mooring.provisioning.db.Transactions;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/**
 * Hears from the brokers which device connected with which certificate. Once is enough: what cannot be read is counted and
 * passed over, for the same device connects again.
 */
@ApplicationScoped
public class PresenceConsumer {
    private static final Logger LOG = Logger.getLogger(PresenceConsumer.class);
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{32}");
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final SuccessionHandler handler;
    private final ObjectMapper json;
    private final Counter unreadable;

    PresenceConsumer(SuccessionHandler handler, ObjectMapper json, MeterRegistry metrics) {
        this.handler = handler;
        this.json = json;
        this.unreadable = metrics.counter("mooring.provisioning.presence.unreadable");
    }

    /** A batch, of which each device's last word counts; returns when all of it is committed. */
    @Incoming("presence")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) throws InterruptedException {
        Map<String, Seen> seen = new LinkedHashMap<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            read(record).ifPresent(one -> seen.put(one.device(), one));
        }
        Duration pause = FIRST_PAUSE;
        while (!seen.isEmpty()) {
            try {
                handler.seen(seen.values());
                return;
            } catch (Transactions.Unavailable away) {
                LOG.warnf("could not note who connected, trying again in %s: %s", pause, away.getMessage());
                Thread.sleep(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    private Optional<Seen> read(ConsumerRecord<String, byte[]> record) {
        try {
            JsonNode said = json.readTree(record.value());
            String device = said.path("device").asText();
            String fingerprint = said.path("certificate").asText();
            if (!said.path("connected").asBoolean()
                    || !FINGERPRINT.matcher(fingerprint).matches()) {
                return Optional.empty();
            }
            if (Identity.isClaimId(device)) {
                return Optional.of(new Seen(device, fingerprint));
            }
        } catch (IOException | RuntimeException notOurs) {
            LOG.debugf(notOurs, "not a presence: %s-%d at %d", record.topic(), record.partition(), record.offset());
        }
        unreadable.increment();
        return Optional.empty();
    }
}
