package io.mooring.messaging.shadow;

import io.mooring.contracts.mqtt.ShadowTopic;
import io.mooring.messaging.MessagingMetrics;
import io.mooring.messaging.core.shadow.ShadowDecider;
import io.mooring.messaging.core.shadow.ShadowDecision;
import io.mooring.messaging.core.shadow.ShadowRefusal;
import io.mooring.messaging.core.shadow.ShadowRequest;
import io.mooring.messaging.core.shadow.ShadowRequestReader;
import io.mooring.messaging.core.shadow.StoredShadow;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.Outbox;
import io.mooring.messaging.db.ShadowStore;
import io.mooring.messaging.db.ShadowStore.Key;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Loads the shadows that are asked for, has it decided, saves, and tells whoever is to know. */
@Singleton
public class ShadowHandler {
    /**
     * Something that is asked of a shadow.
     *
     * @param arrived when the broker, or the door, took it
     * @param application who asks; null if it is the device itself
     */
    public record Asked(
            Key key,
            @Nullable String account,
            ShadowTopic.Operation operation,
            byte[] body,
            Instant arrived,
            @Nullable String application) {
        /** As events name who asks. */
        String by() {
            return application == null ? "device/" + key.device() : "application/" + application;
        }
    }

    private final Database database;
    private final ShadowMessages messages;
    private final MessagingMetrics metrics;
    private final ShadowRequestReader reader;
    private final ShadowDecider decider;
    private final ShadowConfig config;
    private final Clock clock = Clock.systemUTC();

    public ShadowHandler(Database database, ShadowMessages messages, MessagingMetrics metrics, ShadowConfig config) {
        this.database = database;
        this.messages = messages;
        this.metrics = metrics;
        this.config = config;
        this.reader = new ShadowRequestReader(config.limits());
        this.decider = new ShadowDecider(config.limits());
    }

    /** Does what is asked over HTTP; the caller hears the answer, the device what changed. */
    public ShadowDecision ask(Asked asked) throws SQLException {
        return database.transact(connection -> {
            Work work = new Work(connection, List.of(asked));
            ShadowDecision decision = work.decide(asked);
            work.tell(asked, decision);
            work.save();
            return decision;
        });
    }

    /** Does what is asked over MQTT, in order, within the transaction; who asks hears the answer if it commits. */
    public void take(Connection connection, List<Asked> requests) throws SQLException {
        if (requests.isEmpty()) {
            return;
        }
        Work work = new Work(connection, requests);
        Map<DeviceSecond, Integer> arrived = new HashMap<>();
        for (Asked asked : requests) {
            boolean tooMany = arrived.merge(DeviceSecond.of(asked), 1, Integer::sum) > config.requestsPerSecond();
            work.answer(asked, tooMany ? refused(ShadowRefusal.tooMany()) : work.decide(asked));
        }
        work.save();
    }

    /** Counts by when requests arrived, not by how many wait: that those wait may be our own doing. */
    private record DeviceSecond(String cloud, String device, long second) {
        static DeviceSecond of(Asked asked) {
            return new DeviceSecond(
                    asked.key().cloud(), asked.key().device(), asked.arrived().getEpochSecond());
        }
    }

    private static ShadowDecision refused(ShadowRefusal refusal) {
        return new ShadowDecision.Refused(refusal);
    }

    /** Some requests, in one transaction. */
    private final class Work {
        private final Connection connection;
        private final Instant now = clock.instant();
        private final Map<Key, StoredShadow> shadows;
        private final Map<String, Integer> named;
        private final Set<Key> changed = new HashSet<>();
        private final List<Outbox.Message> outbox = new ArrayList<>();

        Work(Connection connection, List<Asked> requests) throws SQLException {
            this.connection = connection;
            this.shadows = new LinkedHashMap<>(ShadowStore.lock(
                    connection, requests.stream().map(Asked::key).collect(Collectors.toSet())));
            this.named = ShadowStore.named(
                    connection,
                    shadows.entrySet().stream()
                            .filter(shadow -> !(shadow.getValue() instanceof StoredShadow.Present))
                            .map(shadow -> shadow.getKey().device())
                            .collect(Collectors.toSet()));
        }

        ShadowDecision decide(Asked asked) {
            ShadowDecision decision = switch (reader.read(asked.operation(), asked.body())) {
                case ShadowRequestReader.Reading.Refused refused -> refused(refused.refusal());
                case ShadowRequestReader.Reading.Read read -> decide(asked.key(), read.request());
            };
            switch (decision) {
                case ShadowDecision.Refused refused ->
                    metrics.refused("shadow-" + refused.refusal().code());
                case ShadowDecision.Done done -> take(asked, done);
            }
            return decision;
        }

        private ShadowDecision decide(Key key, ShadowRequest request) {
            boolean classic = key.name().equals(ShadowTopic.CLASSIC);
            return decider.decide(
                    shadows.getOrDefault(key, new StoredShadow.Absent()),
                    request,
                    classic ? key.device() : key.name(),
                    classic ? 0 : named.getOrDefault(key.device(), 0),
                    now);
        }

        private void take(Asked asked, ShadowDecision.Done done) {
            Key key = asked.key();
            if (done.change() == null) {
                return;
            }
            boolean was = shadows.put(key, done.shadow()) instanceof StoredShadow.Present;
            boolean is = done.shadow() instanceof StoredShadow.Present;
            if (was != is && !key.name().equals(ShadowTopic.CLASSIC)) {
                named.merge(key.device(), is ? 1 : -1, Integer::sum);
            }
            changed.add(key);
        }

        /** Over MQTT the answer comes first, then the news. */
        void answer(Asked asked, ShadowDecision decision) {
            switch (decision) {
                case ShadowDecision.Refused refused ->
                    outbox.add(
                            messages.answer(asked, "rejected", refused.refusal().body(now)));
                case ShadowDecision.Done done -> outbox.add(messages.answer(asked, "accepted", done.answer()));
            }
            tell(asked, decision);
        }

        void tell(Asked asked, ShadowDecision decision) {
            if (decision instanceof ShadowDecision.Done done && done.change() != null) {
                done.news().forEach(news -> outbox.add(messages.news(asked.key(), asked.account(), news)));
                outbox.add(messages.event(asked.key(), asked.account(), done, asked.by(), now));
            }
        }

        void save() throws SQLException {
            ShadowStore.save(
                    connection,
                    changed.stream()
                            .map(key ->
                                    new ShadowStore.Written(key, shadows.getOrDefault(key, new StoredShadow.Absent())))
                            .toList(),
                    now);
            Outbox.add(connection, outbox);
        }
    }
}
