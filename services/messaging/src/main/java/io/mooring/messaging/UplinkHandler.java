package io.mooring.messaging;

import io.mooring.contracts.mqtt.ShadowTopic;
import io.mooring.messaging.core.request.DeviceRequest;
import io.mooring.messaging.core.request.StoreMessage;
import io.mooring.messaging.core.shadow.ShadowRefusal;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.ShadowStore;
import io.mooring.messaging.db.UplinkPositions;
import io.mooring.messaging.request.DeviceRequestHandler;
import io.mooring.messaging.shadow.ShadowHandler;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Takes what devices ask, each of it once, all of a batch in one transaction. */
@Singleton
public class UplinkHandler {
    /**
     * Something a device said.
     *
     * @param application which said it in the device's stead, of a shadow; null if the device did
     * @param subject the topic past the device's own part
     * @param arrived when the broker took it
     */
    public record Uplink(
            String cloud,
            @Nullable String account,
            String device,
            @Nullable String application,
            String subject,
            byte[] body,
            Instant arrived,
            int partition,
            long offset) {}

    private final Database database;
    private final ShadowHandler shadows;
    private final DeviceRequestHandler requests;

    public UplinkHandler(Database database, ShadowHandler shadows, DeviceRequestHandler requests) {
        this.database = database;
        this.shadows = shadows;
        this.requests = requests;
    }

    /** Whether something is for this service. */
    public static boolean concerns(String subject) {
        return ShadowTopic.parse(subject).isPresent() || DeviceRequestHandler.concerns(subject);
    }

    /** What a device is told, and where past its own part. */
    public record Answer(String tail, String body) {}

    /** What a device is told that asked something which cannot be taken, by a fault of ours. */
    public static Optional<Answer> apology(Uplink uplink) {
        Optional<ShadowTopic> shadow = ShadowTopic.parse(uplink.subject());
        return shadow.isPresent()
                ? shadow.map(topic -> new Answer(
                        topic.tail("rejected"),
                        ShadowRefusal.failure().body(Instant.now()).toString()))
                : DeviceRequest.parse(uplink.subject())
                        .map(request -> new Answer(
                                request.tail(),
                                StoreMessage.error(ShadowRefusal.failure().message())));
    }

    /** Takes a batch; when it returns, all is committed. */
    public void handle(String topicId, List<Uplink> batch) throws SQLException {
        List<String> answered = database.transact(connection -> {
            Map<Integer, Long> next = new HashMap<>(UplinkPositions.lock(
                    connection, topicId, batch.stream().map(Uplink::partition).collect(Collectors.toSet())));
            List<Uplink> fresh = batch.stream()
                    .filter(uplink -> uplink.offset() >= next.getOrDefault(uplink.partition(), 0L))
                    .toList();
            fresh.forEach(uplink -> next.merge(uplink.partition(), uplink.offset() + 1, Math::max));
            List<ShadowHandler.Asked> asked = new ArrayList<>();
            for (Uplink uplink : fresh) {
                Optional<ShadowTopic> shadow = ShadowTopic.parse(uplink.subject());
                shadow.ifPresent(topic -> asked.add(asked(uplink, topic)));
            }
            shadows.take(connection, asked);
            List<String> ids = requests.take(connection, fresh);
            UplinkPositions.save(connection, topicId, next);
            return ids;
        });
        requests.committed(answered);
    }

    private static ShadowHandler.Asked asked(Uplink uplink, ShadowTopic topic) {
        return new ShadowHandler.Asked(
                new ShadowStore.Key(uplink.cloud(), uplink.device(), topic.shadow()),
                uplink.account(),
                topic.operation(),
                uplink.body(),
                uplink.arrived(),
                uplink.application());
    }
}
