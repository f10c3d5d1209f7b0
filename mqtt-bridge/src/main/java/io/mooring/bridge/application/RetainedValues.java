package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.services.Services;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.kafka.StateConsumer;
import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.bridge.message.Message;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.contracts.mqtt.ApplicationTopics;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The retained values of application topics: those of the topic in Kafka, put into this node's broker, which gives them
 * to whoever subscribes. Only which topics have one is kept here.
 */
final class RetainedValues implements StateConsumer.State {
    /** A device has as many retained values as it may. */
    static final String FULL = "retained-full";

    private static final Logger LOG = LoggerFactory.getLogger(RetainedValues.class);

    private final String topic;
    private final RecordSender sender;
    private final Clock clock;
    private final int perDevice;
    private final int inAll;
    private final Map<String, Set<String>> byDevice = new ConcurrentHashMap<>();
    private final AtomicInteger size = new AtomicInteger();

    RetainedValues(String topic, RecordSender sender, Clock clock, int perDevice, int inAll) {
        this.topic = topic;
        this.sender = sender;
        this.clock = clock;
        this.perDevice = perDevice;
        this.inAll = inAll;
    }

    /** Whether one more may be retained. */
    boolean mayRetain(ApplicationTopics.Data data) {
        Set<String> known = byDevice.getOrDefault(data.device(), Set.of());
        return known.contains(data.topic()) || known.size() < perDevice && size.get() < inAll;
    }

    private boolean isKnown(String retained) {
        return ApplicationTopics.parse(retained)
                .filter(data -> byDevice.getOrDefault(data.device(), Set.of()).contains(retained))
                .isPresent();
    }

    int size() {
        return size.get();
    }

    /** A device is gone, or somebody else's: what was retained of it goes too. */
    void changed(String device, Optional<DeviceEntry> entry) {
        if (entry.isEmpty() || entry.get().state() == DeviceEntry.State.RELEASED) {
            for (String one : byDevice.getOrDefault(device, Set.of())) {
                sender.send(new ProducerRecord<>(topic, one.getBytes(StandardCharsets.UTF_8), null), failure -> {});
            }
        }
    }

    @Override
    public void put(String key, ConsumerRecord<byte[], byte[]> message) throws InvalidRecordException {
        ApplicationTopics.Data data = ApplicationTopics.parse(key)
                .orElseThrow(() -> new InvalidRecordException("topic-invalid", "its key is no application topic"));
        MessageProperties properties = MessageProperties.of(message.headers());
        if (message.value().length == 0 || properties.isExpired(clock.instant())) {
            remove(key);
            return;
        }
        Set<String> known = byDevice.computeIfAbsent(data.device(), device -> ConcurrentHashMap.newKeySet());
        if (known.add(key)) {
            size.incrementAndGet();
        }
        Services.retainedMessageStore()
                .addOrReplace(new Message(key, message.value(), properties).retained(clock.instant()))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.warn("the broker did not retain {}: {}", key, failure.toString());
                    }
                });
    }

    @Override
    public void remove(String key) {
        ApplicationTopics.parse(key)
                .ifPresent(data -> byDevice.computeIfPresent(data.device(), (device, known) -> {
                    if (known.remove(key)) {
                        size.decrementAndGet();
                    }
                    return known.isEmpty() ? null : known;
                }));
        var unused = Services.retainedMessageStore().remove(key);
    }

    @Override
    public void startOver() {
        byDevice.clear();
        size.set(0);
    }

    /** What the broker kept of its own from before, and is no longer so, goes. */
    @Override
    public void loaded() {
        Services.retainedMessageStore()
                .iterateAllRetainedMessages((context, retained) -> {
                    if (!isKnown(retained.getTopic())) {
                        var unused = Services.retainedMessageStore().remove(retained.getTopic());
                    }
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.warn("could not look through what the broker retains: {}", failure.toString());
                    }
                });
    }
}
