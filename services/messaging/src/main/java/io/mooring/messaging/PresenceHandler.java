package io.mooring.messaging;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.core.Presence;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.Outbox;
import io.mooring.messaging.db.PresenceStore;
import io.mooring.messaging.db.PresenceStore.Node;
import io.mooring.messaging.db.PresenceStore.Seen;
import io.mooring.messaging.db.TargetStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Knows which devices are connected, also when a broker node dies without a word. */
@Singleton
public class PresenceHandler {
    /** A node that says nothing for so long is gone; it says something every five seconds. */
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private static final long LOOK_MILLIS = 2_000;
    private static final int AT_ONCE = 1_000;

    private final Clock clock = Clock.systemUTC();
    private final Database database;
    private final TopicNames topics;
    private final Persistence persistence;
    private volatile Instant listening = Instant.MAX;

    public PresenceHandler(Database database, TopicNames topics, Persistence persistence) {
        this.database = database;
        this.topics = topics;
        this.persistence = persistence;
    }

    /** Something that was heard of a device. */
    public record Word(
            String device, String cloud, @Nullable String account, Presence.Heard heard) {}

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("nodes").start(() -> {
            try {
                while (persistence.pause(LOOK_MILLIS)) {
                    persistence.until("look after broker nodes", () -> {
                        buryTheSilent();
                        return true;
                    });
                }
            } catch (Persistence.StoppedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Takes what nodes said of devices, in order. */
    public void heard(List<Word> words) throws SQLException {
        if (words.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        database.run(connection -> {
            Map<String, Seen> known = PresenceStore.lock(
                    connection, words.stream().map(Word::device).toList());
            Map<String, Seen> changed = new LinkedHashMap<>();
            for (Word word : words) {
                Seen before = known.get(word.device());
                Optional<Presence> after = Presence.after(before == null ? null : before.presence(), word.heard());
                if (after.isPresent()) {
                    Seen seen = new Seen(word.device(), word.cloud(), word.account(), after.get());
                    known.put(word.device(), seen);
                    changed.put(word.device(), seen);
                }
            }
            save(connection, List.copyOf(changed.values()), now);
        });
    }

    /** Takes what nodes said of themselves. Connections that a process had before it began are gone with its forerunner. */
    public void nodes(List<Node> nodes) throws SQLException {
        listening = clock.instant().isBefore(listening) ? clock.instant() : listening;
        Map<String, Node> last = new TreeMap<>();
        nodes.forEach(node -> last.put(node.name(), node));
        if (last.isEmpty()) {
            return;
        }
        Map<String, Instant> believedGone = new TreeMap<>();
        for (Node known : database.read(PresenceStore::nodes)) {
            if (known.gone()) {
                believedGone.put(known.name(), known.started());
            }
        }
        database.run(connection -> PresenceStore.heard(connection, List.copyOf(last.values())));
        for (Node node : last.values()) {
            if (!node.gone() && node.started().equals(believedGone.get(node.name()))) {
                raise(node);
            }
            Instant end = node.gone() ? node.said() : node.started();
            end(node.name(), end, Presence::gone, end);
        }
    }

    /**
     * Ends the connections of nodes that say nothing. What this service did not hear while it was away itself counts
     * for nothing: a node is silent only if it was listened to for long enough.
     */
    private void buryTheSilent() throws SQLException {
        Instant now = clock.instant();
        if (!listening.isBefore(now.minus(SILENCE))) {
            return;
        }
        for (Node node : database.read(PresenceStore::nodes)) {
            if (!node.gone() && node.heard().isBefore(now.minus(SILENCE))) {
                end(node.name(), node.said().plus(SILENCE), Presence::silenced, node.said());
                database.run(connection -> PresenceStore.heard(
                        connection, List.of(new Node(node.name(), node.started(), node.said(), node.heard(), true))));
            }
        }
    }

    /** A node that was believed gone was only cut off: its connections are there. */
    private void raise(Node node) throws SQLException {
        Instant now = clock.instant();
        int raised = AT_ONCE;
        while (raised == AT_ONCE) {
            raised = database.transact(connection -> {
                List<Seen> back = new ArrayList<>();
                for (Seen seen : PresenceStore.lockSilenced(connection, node.name(), node.started(), AT_ONCE)) {
                    back.add(new Seen(
                            seen.device(),
                            seen.cloud(),
                            seen.account(),
                            seen.presence().back(now)));
                }
                save(connection, back, now);
                return back.size();
            });
        }
    }

    /** Ends a node's connections that began before a time. */
    private void end(String node, Instant before, BiFunction<Presence, Instant, Presence> how, Instant lastSeen)
            throws SQLException {
        Instant now = clock.instant();
        int buried = AT_ONCE;
        while (buried == AT_ONCE) {
            buried = database.transact(connection -> {
                List<Seen> gone = new ArrayList<>();
                for (Seen seen : PresenceStore.lockOn(connection, node, before, AT_ONCE)) {
                    Instant at = seen.presence().since().isAfter(lastSeen)
                            ? seen.presence().since()
                            : lastSeen;
                    gone.add(new Seen(seen.device(), seen.cloud(), seen.account(), how.apply(seen.presence(), at)));
                }
                save(connection, gone, now);
                return gone.size();
            });
        }
    }

    private void save(Connection connection, List<Seen> seen, Instant now) throws SQLException {
        if (seen.isEmpty()) {
            return;
        }
        PresenceStore.save(connection, seen);
        Map<String, List<Seen>> byCloud = new TreeMap<>();
        for (Seen one : seen) {
            byCloud.computeIfAbsent(one.cloud(), cloud -> new ArrayList<>()).add(one);
        }
        String stamp = new HybridTimestamp(now.toEpochMilli(), 0, HybridTimestamp.CLOUD).toString();
        for (Map.Entry<String, List<Seen>> cloud : byCloud.entrySet()) {
            if (TargetStore.isCloud(connection, cloud.getKey())) {
                PresenceStore.publish(connection, cloud.getKey(), cloud.getValue(), stamp);
            }
        }
        Outbox.add(connection, seen.stream().map(this::message).toList());
    }

    private Outbox.Message message(Seen seen) {
        return new Outbox.Message(
                topics.of(Topic.PRESENCE_STATE),
                seen.device(),
                view(seen).toString(),
                EventTypes.PRESENCE_STATE,
                "device/" + seen.device(),
                seen.cloud(),
                seen.account(),
                null);
    }

    /**
     * Says again of all devices whether they are connected, for when Kafka has lost it. Page by page, each in a
     * transaction that keeps its rows as they are, so that what is said again never comes after a newer word.
     *
     * @return of how many
     */
    public long restate() throws SQLException {
        long said = 0;
        String after = "";
        while (true) {
            String from = after;
            List<Seen> page = database.transact(connection -> {
                List<Seen> found = PresenceStore.lockPage(connection, from, AT_ONCE);
                Outbox.add(connection, found.stream().map(this::message).toList());
                return found;
            });
            if (page.isEmpty()) {
                return said;
            }
            said += page.size();
            after = page.getLast().device();
        }
    }

    /** A device's presence, as the topic and APIs say it. */
    public static ObjectNode view(Seen seen) {
        ObjectNode json = Json.object().put("device", seen.device()).put("cloud", seen.cloud());
        if (seen.account() != null) {
            json.put("account", seen.account());
        }
        Presence presence = seen.presence();
        json.put("connected", presence.connected())
                .put("since", presence.since().toString())
                .put("lastSeen", presence.lastSeen().toString());
        put(json, "node", presence.node());
        put(json, "session", presence.session());
        put(json, "address", presence.address());
        put(json, "protocol", presence.protocol());
        return json;
    }

    private static void put(ObjectNode json, String member, @Nullable String text) {
        if (text != null && !text.isEmpty()) {
            json.put(member, text);
        }
    }
}
