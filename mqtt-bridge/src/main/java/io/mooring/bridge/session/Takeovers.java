package io.mooring.bridge.session;

import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import io.mooring.bridge.kafka.KafkaClients;
import io.mooring.bridge.kafka.Worker;
import io.mooring.bridge.message.HeaderReader;
import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.bridge.message.Json;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a connection here once its device has made a newer one on another node, as a broker does within itself (MQTT 5,
 * section 3.1.4): what a line that died without a word left behind would else be there until its keep-alive is over.
 *
 * <p>Which is newer, the order of the presence topic tells: all that is said of a device is in one partition. No clock of
 * any node is asked.
 */
public final class Takeovers implements Worker.Task {
    private static final Logger LOG = LoggerFactory.getLogger(Takeovers.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Map<String, Object> SETTINGS = Map.of(
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "none",
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            256 << 10);

    private final KafkaClients clients;
    private final String topic;
    private final String source;
    private final SessionDirectory sessions;
    private final SessionGuard guard;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    /** Where to go on; of the worker's thread. */
    private final Map<TopicPartition, Long> places = new HashMap<>();
    /** The session of each device that the topic says is here; of the worker's thread. */
    private final Map<String, String> here = new HashMap<>();

    /**
     * With what it needs.
     *
     * @param topic the presence topic's full name
     * @param source the {@code ce_source} of this node
     */
    public Takeovers(KafkaClients clients, String topic, String source, SessionDirectory sessions, SessionGuard guard) {
        this.clients = clients;
        this.topic = topic;
        this.source = source;
        this.sessions = sessions;
        this.guard = guard;
    }

    /** Completes when no connection from now on would be missed. */
    public CompletableFuture<Void> ready() {
        return ready;
    }

    @Override
    public void run(Worker worker) {
        try (Consumer<byte[], byte[]> consumer = clients.consumer("takeovers", SETTINGS)) {
            List<TopicPartition> partitions = KafkaClients.partitions(consumer, topic);
            consumer.assign(partitions);
            if (places.isEmpty()) {
                places.putAll(consumer.endOffsets(partitions));
            }
            places.forEach(consumer::seek);
            ready.complete(null);
            while (worker.isWanted()) {
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
                    apply(message);
                    places.put(new TopicPartition(message.topic(), message.partition()), message.offset() + 1);
                }
                worker.succeeded();
            }
        } catch (InvalidOffsetException gone) {
            LOG.warn("the presence topic was made anew or cut; going on from its end: {}", gone.getMessage());
            places.clear();
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> message) {
        String type = HeaderReader.text(message.headers(), EventHeaders.TYPE);
        if (message.key() == null || message.value() == null || type == null) {
            return;
        }
        String device = new String(message.key(), StandardCharsets.UTF_8);
        boolean connected = type.equals(EventTypes.DEVICE_CONNECTED);
        if (!source.equals(HeaderReader.text(message.headers(), EventHeaders.SOURCE))) {
            if (connected) {
                connectedElsewhere(device);
            }
            return;
        }
        try {
            String session = String.valueOf(Json.object(message.value()).get("session"));
            if (connected) {
                here.put(device, session);
            } else {
                here.remove(device, session);
            }
        } catch (InvalidRecordException foreign) {
            LOG.warn("the presence topic holds what this node did not say: {}", foreign.getMessage());
        }
    }

    /** What was not yet said of is newer; its turn comes. */
    private void connectedElsewhere(String device) {
        String session = here.remove(device);
        sessions.connected(device).filter(left -> left.id().equals(session)).ifPresent(left -> {
            LOG.info("{} has connected to another node; its connection here is ended", device);
            var unused = guard.end(left, DisconnectReasonCode.SESSION_TAKEN_OVER, "connected to another node");
        });
    }
}
