package io.mooring.messaging;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Names;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Query;
import io.mooring.messaging.core.QueryReader;
import io.mooring.messaging.core.Reach;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.core.TopicPattern;
import io.mooring.messaging.db.ApplicationStore;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.DeviceStore;
import io.mooring.messaging.db.DeviceStore.Device;
import io.mooring.messaging.db.FleetStore;
import io.mooring.messaging.db.FleetStore.Member;
import io.mooring.messaging.db.TargetStore;
import io.mooring.messaging.kafka.RecordProducer;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Shows devices to applications, and takes messages to them. */
@Singleton
public class FleetHandler {
    private static final int MAX_MESSAGE = 256 * 1024;
    private static final String DEFAULT_CLOUD = "main";

    private final Database database;
    private final RecordProducer producer;
    private final String downlink;

    public FleetHandler(Database database, RecordProducer producer, TopicNames topics) {
        this.database = database;
        this.producer = producer;
        this.downlink = topics.of(Topic.APPLICATION_DOWNLINK);
    }

    /** Devices that a caller reaches, and for which a query holds. */
    public Outcome<List<Member>> page(
            Caller caller, @Nullable String wanted, @Nullable String query, String after, int limit)
            throws SQLException {
        String own = caller.cloud() == null ? DEFAULT_CLOUD : caller.cloud();
        String cloud = wanted == null ? own : wanted;
        if (!caller.may(Right.READ, cloud)) {
            return Outcome.refused("not-allowed", "You may not read devices of that cloud.");
        }
        if (after.indexOf('\0') >= 0) {
            return Outcome.refused("bad-request", "\"after\" is a device's id.");
        }
        Outcome<Optional<Query>> read = query == null || query.isBlank()
                ? Outcome.done(Optional.empty())
                : QueryReader.read(query).then(one -> Outcome.done(Optional.of(one)));
        return read.then(condition -> database.read(connection -> Names.isCloud(cloud)
                        && TargetStore.isCloud(connection, cloud)
                ? Outcome.done(FleetStore.page(connection, cloud, caller.reach(), condition.orElse(null), after, limit))
                : Outcome.refused("unknown-cloud", "There is no such cloud.")));
    }

    /** A device. */
    public Outcome<Member> find(Caller caller, String id) throws SQLException {
        return reached(caller, Right.READ, id)
                .then(device -> database.read(connection -> {
                    Reach only = new Reach(Set.of(), Set.of(id));
                    List<Member> found = FleetStore.page(connection, device.cloud(), only, null, "", 1);
                    return found.isEmpty() ? unknown() : Outcome.done(found.getFirst());
                }));
    }

    /** Publishes to a device; done when Kafka has it. */
    public Outcome<Device> publish(
            Caller caller,
            String id,
            String topic,
            byte[] payload,
            @Nullable String contentType,
            @Nullable Instant expires)
            throws SQLException {
        if (payload.length > MAX_MESSAGE) {
            return Outcome.refused("too-large", "A message may have " + MAX_MESSAGE + " bytes.");
        }
        return reached(caller, Right.PUBLISH, id).then(device -> {
            if (!isDeclared(device, topic)) {
                return Outcome.refused(
                        "undeclared-topic",
                        "The product " + device.product() + " has declared no such topic for messages to devices.");
            }
            try {
                producer.send(List.of(RecordProducer.applicationDownlink(
                        downlink, device.cloud(), device.id(), topic, caller.name(), payload, contentType, expires)));
                return Outcome.done(device);
            } catch (ExecutionException away) {
                return Outcome.refused("unavailable", "Kafka does not take it now.");
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                return Outcome.refused("unavailable", "The service is stopping.");
            }
        });
    }

    private boolean isDeclared(Device device, String topic) throws SQLException {
        String product = device.product();
        if (product == null) {
            return false;
        }
        Optional<String> declared =
                database.read(connection -> ApplicationStore.topics(connection, device.cloud(), product));
        JsonNode patterns = Json.column(declared.orElse("[]"));
        if (patterns != null) {
            for (JsonNode pattern : patterns) {
                if (!pattern.path("direction").asText().equals("up")
                        && TopicPattern.matches(pattern.path("pattern").asText(), topic)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** A device that a caller may do something with; others are not told from those there are none of. */
    public Outcome<Device> reached(Caller caller, Right right, String id) throws SQLException {
        Optional<Device> device = database.read(connection -> DeviceStore.find(connection, id));
        if (device.isEmpty()
                || (caller.cloud() != null
                        && !caller.cloud().equals(device.get().cloud()))
                || !caller.reach().includes(id, device.get().product())) {
            return unknown();
        }
        return caller.rights().contains(right)
                ? Outcome.done(device.get())
                : Outcome.refused("not-allowed", "That needs the right " + right.label() + ".");
    }

    private static <T> Outcome<T> unknown() {
        return Outcome.refused("unknown-device", "There is no device of this id that you reach.");
    }
}
