package io.mooring.messaging;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.access.AccessKey;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.core.Application;
import io.mooring.messaging.core.ApplicationReader.Wanted;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.core.TopicPattern;
import io.mooring.messaging.db.ApplicationStore;
import io.mooring.messaging.db.ApplicationStore.Declared;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.Outbox;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes applications, gives them new tokens, and shuts them out; whatever changes, brokers hear of it. */
@Singleton
public class ApplicationHandler {
    /** No finer than the database keeps: what is said again is what was said. */
    private static final Clock CLOCK = Clock.tickMillis(ZoneOffset.UTC);

    private static final int PAGE = 500;

    private final Database database;
    private final TopicNames topics;
    private final Trail trail;

    public ApplicationHandler(Database database, TopicNames topics, Trail trail) {
        this.database = database;
        this.topics = topics;
        this.trail = trail;
    }

    /** An application with the token it was just given, which nobody can read again. */
    public record Issued(Application application, String token) {}

    /** Makes an application. */
    public Issued create(Caller caller, Wanted wanted) throws SQLException {
        Instant now = CLOCK.instant();
        String token = Secrets.token();
        Application application = new Application(
                Secrets.applicationId(),
                wanted.cloud(),
                wanted.name(),
                true,
                wanted.rights(),
                wanted.reach(),
                wanted.certificates(),
                List.of(new Application.Token(Secrets.sha256(token), now, null)),
                now,
                now);
        database.run(connection -> save(connection, caller, "CreateApplication", application, now));
        return new Issued(application, token);
    }

    /** Gives an application a new token; those before stay good for a while, if that is wished. */
    public Outcome<Issued> rotate(Caller caller, String id, Duration overlap) throws SQLException {
        Instant now = CLOCK.instant();
        String token = Secrets.token();
        return database.transact(connection -> active(connection, id).then(application -> {
            Application rotated = application.rotated(Secrets.sha256(token), now.plus(overlap), now);
            save(connection, caller, "RotateApplication", rotated, now);
            return Outcome.done(new Issued(rotated, token));
        }));
    }

    /**
     * Gives an application other certificates instead of those before; connections by one that is left out end.
     *
     * @param certificates SHA-256 of each one's DER form, lower-case hex
     */
    public Outcome<Application> certify(Caller caller, String id, Set<String> certificates) throws SQLException {
        Instant now = CLOCK.instant();
        return database.transact(connection -> active(connection, id).then(application -> {
            Application certified = application.certified(certificates, now);
            save(connection, caller, "ChangeApplicationCertificates", certified, now);
            return Outcome.done(certified);
        }));
    }

    private static Outcome<Application> active(Connection connection, String id) throws SQLException {
        Optional<Application> found = ApplicationStore.lock(connection, id);
        if (found.isEmpty()) {
            return unknown();
        }
        return found.get().active()
                ? Outcome.done(found.get())
                : Outcome.refused("revoked", "The application was revoked; make another.");
    }

    /** Shuts an application out, for ever. */
    public Outcome<Application> revoke(Caller caller, String id) throws SQLException {
        Instant now = CLOCK.instant();
        return database.transact(connection -> {
            Optional<Application> found = ApplicationStore.lock(connection, id);
            if (found.isEmpty()) {
                return unknown();
            }
            Application revoked = found.get().revoked(now);
            save(connection, caller, "RevokeApplication", revoked, now);
            return Outcome.done(revoked);
        });
    }

    public Outcome<Application> find(String id) throws SQLException {
        return database.read(connection ->
                ApplicationStore.find(connection, id).map(Outcome::done).orElseGet(() -> unknown()));
    }

    public List<Application> page(String after, int limit) throws SQLException {
        return database.read(connection -> ApplicationStore.page(connection, after, limit));
    }

    /** The active application that bears a token. */
    public Optional<Application> bearer(String token) throws SQLException {
        String hash = Secrets.sha256(token);
        Instant now = CLOCK.instant();
        return database.read(connection -> ApplicationStore.bearer(connection, hash))
                .filter(application -> application.active()
                        && application.tokens().stream()
                                .anyMatch(known -> known.sha256().equals(hash) && known.isGood(now)));
    }

    /** Declares which application topics the devices of a product have. */
    public void declare(Caller caller, String cloud, String product, List<TopicPattern> patterns) throws SQLException {
        Instant now = CLOCK.instant();
        ArrayNode list = Json.array();
        for (TopicPattern pattern : patterns) {
            list.addObject()
                    .put("pattern", pattern.pattern())
                    .put("direction", pattern.direction().label());
        }
        Declared declared = new Declared(cloud, product, list.toString(), now);
        database.run(connection -> {
            ApplicationStore.saveTopics(connection, declared);
            trail.tell(
                    connection,
                    caller,
                    "DeclareApplicationTopics",
                    cloud,
                    Map.of("product", product, "patterns", declared.patterns()),
                    now);
            Outbox.add(connection, List.of(message(declared)));
        });
    }

    /**
     * How much was said again.
     *
     * @param applications applications, revoked ones among them
     * @param products products whose topics were declared
     */
    public record Restated(long applications, long products) {}

    /**
     * Says all applications and all declared topics again, for when Kafka has lost them. Page by page, each in a
     * transaction that keeps its rows as they are, so that what is said again never comes after a newer word.
     */
    public Restated restate(Caller caller) throws SQLException {
        Restated restated = new Restated(restateApplications(), restateTopics());
        database.run(connection -> trail.tell(
                connection,
                caller,
                "RestateApplications",
                "main",
                Map.of("applications", "" + restated.applications(), "products", "" + restated.products()),
                CLOCK.instant()));
        return restated;
    }

    private long restateApplications() throws SQLException {
        long said = 0;
        String after = "";
        while (true) {
            String from = after;
            List<Application> page = database.transact(connection -> {
                List<Application> found = ApplicationStore.lockPage(connection, from, PAGE);
                Outbox.add(connection, found.stream().map(this::message).toList());
                return found;
            });
            if (page.isEmpty()) {
                return said;
            }
            said += page.size();
            after = page.getLast().id();
        }
    }

    private long restateTopics() throws SQLException {
        long said = 0;
        Declared last = new Declared("", "", "", Instant.EPOCH);
        while (true) {
            Declared from = last;
            List<Declared> page = database.transact(connection -> {
                List<Declared> found = ApplicationStore.lockTopics(connection, from.cloud(), from.product(), PAGE);
                Outbox.add(connection, found.stream().map(this::message).toList());
                return found;
            });
            if (page.isEmpty()) {
                return said;
            }
            said += page.size();
            last = page.getLast();
        }
    }

    /** An application is given an access key: the audit trail hears of it first. */
    public void keyGiven(Caller caller, String cloud, AccessKey key) throws SQLException {
        Map<String, String> given =
                Map.of("accessKeyId", key.id(), "expires", key.grant().expires().toString());
        database.run(connection -> trail.tell(connection, caller, "GetAccessKeys", cloud, given, CLOCK.instant()));
    }

    /** The application topics of a product's devices, as JSON. */
    public Optional<String> declared(String cloud, String product) throws SQLException {
        return database.read(connection -> ApplicationStore.topics(connection, cloud, product));
    }

    private void save(Connection connection, Caller caller, String action, Application application, Instant now)
            throws SQLException {
        ApplicationStore.save(connection, application);
        trail.tell(
                connection,
                caller,
                action,
                application.cloud(),
                Map.of("application", application.id(), "name", application.name()),
                now);
        Outbox.add(connection, List.of(message(application)));
    }

    private Outbox.Message message(Application application) {
        return new Outbox.Message(
                topics.of(Topic.APPLICATION_REGISTRY),
                application.id(),
                entry(application).toString(),
                EventTypes.APPLICATION_REGISTRY,
                application.id(),
                application.cloud(),
                null,
                null);
    }

    private Outbox.Message message(Declared declared) {
        ObjectNode json = Json.object().put("cloud", declared.cloud()).put("product", declared.product());
        json.set("patterns", Json.column(declared.patterns()));
        String key = declared.cloud() + "/" + declared.product();
        return new Outbox.Message(
                topics.of(Topic.APPLICATION_TOPIC),
                key,
                json.put("updated", declared.updated().toString()).toString(),
                EventTypes.APPLICATION_TOPICS,
                key,
                declared.cloud(),
                null,
                null);
    }

    /** What brokers are told of an application. */
    private static ObjectNode entry(Application application) {
        ObjectNode json = Json.object()
                .put("application", application.id())
                .put("name", application.name())
                .put("cloud", application.cloud())
                .put("state", application.active() ? "active" : "revoked");
        ArrayNode tokens = json.putArray("tokens");
        for (Application.Token token : application.tokens()) {
            ObjectNode entry = tokens.addObject().put("sha256", token.sha256());
            if (token.expires() != null) {
                entry.put("expires", token.expires().toString());
            }
        }
        application.certificates().stream().sorted().forEach(json.putArray("certificates")::add);
        application.rights().stream().map(Right::label).sorted().forEach(json.putArray("rights")::add);
        application.reach().products().stream().sorted().forEach(json.putArray("products")::add);
        application.reach().devices().stream().sorted().forEach(json.putArray("devices")::add);
        return json.put("updated", application.updated().toString());
    }

    private static <T> Outcome<T> unknown() {
        return Outcome.refused("unknown-application", "There is no application of this id.");
    }
}
