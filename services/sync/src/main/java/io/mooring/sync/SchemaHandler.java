package io.mooring.sync;

import io.mooring.contracts.schema.SchemaException;
import io.mooring.contracts.schema.SchemaProblem;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.SchemaEvolution;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.CatchUpStore;
import io.mooring.sync.db.CloudStore;
import io.mooring.sync.db.ControlStore;
import io.mooring.sync.db.Database;
import io.mooring.sync.db.StreamStore;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The schemas of clouds: takes new versions, turns them into tables, and knows those in force. */
@Singleton
public class SchemaHandler {
    /** The schema of a cloud whose owner gave none: the models every cloud has. */
    static final String NOTHING_OF_ITS_OWN = "{format: '" + SyncSchema.FORMAT + "', models: {}}";

    private static final Logger LOG = Logger.getLogger(SchemaHandler.class);

    /**
     * What became of an upload.
     *
     * @param schema the schema in force now
     * @param changed whether that is new
     */
    public record Outcome(CloudSchema schema, boolean changed) {}

    private final Database database;
    private final Map<String, CloudSchema> known = new ConcurrentHashMap<>();

    public SchemaHandler(Database database) {
        this.database = database;
    }

    /** The schema in force as last seen; makes the cloud if it is not there. */
    public CloudSchema of(String cloud) throws SQLException {
        CloudSchema schema = known.get(cloud);
        if (schema != null) {
            return schema;
        }
        Optional<CloudStore.Version> version = database.read(connection -> CloudStore.current(connection, cloud));
        if (version.isEmpty()) {
            return put(cloud, NOTHING_OF_ITS_OWN).schema();
        }
        CloudSchema loaded = compile(cloud, version.get());
        known.put(cloud, loaded);
        return loaded;
    }

    /** Looks the schema up again at its next use: somebody else has changed it. */
    public void forget(String cloud) {
        known.remove(cloud);
    }

    /** The schema in force as its owner wrote it, if there is such a cloud. */
    public Optional<CloudStore.Version> source(String cloud) throws SQLException {
        return database.read(connection -> CloudStore.current(connection, cloud));
    }

    /**
     * Puts a schema in force.
     *
     * @param source JSON5
     * @throws SchemaException if it cannot be used, or would lose what is stored
     */
    public Outcome put(String cloud, String source) throws SQLException {
        SyncSchema own = parse(source);
        Outcome outcome = database.transact(connection -> evolve(connection, cloud, source, own));
        known.put(cloud, outcome.schema());
        if (outcome.changed()) {
            LOG.infof("cloud %s has schema version %d", cloud, outcome.schema().version());
        }
        return outcome;
    }

    /** Brings all clouds to what this release makes of their schemas. */
    public void refreshAll() throws SQLException {
        for (String cloud : database.read(CloudStore::names)) {
            Optional<CloudStore.Version> version = source(cloud);
            if (version.isPresent()) {
                put(cloud, version.get().source());
            }
        }
    }

    private Outcome evolve(Connection connection, String cloud, String source, SyncSchema own) throws SQLException {
        CloudStore.lockExclusively(connection, cloud);
        CloudStore.Version before = CloudStore.current(connection, cloud).orElse(null);
        CloudSchema old = before == null ? null : compile(cloud, before);
        int version = before == null ? 1 : before.version();
        CloudSchema next = CloudSchema.compile(cloud, version, core(), own);
        boolean changed = before == null
                || !before.source().equals(source)
                || !before.core().equals(SyncSchema.coreSource());
        if (changed && before != null) {
            next = new CloudSchema(cloud, version + 1, next.layouts());
        }
        CloudStore.create(connection, next);
        Set<String> empty = old == null ? Set.of() : emptyTables(connection, old);
        SchemaEvolution evolution = SchemaEvolution.between(old, next, layout -> empty.contains(layout.table()));
        if (!evolution.problems().isEmpty()) {
            throw new SchemaException(evolution.problems());
        }
        CloudStore.apply(connection, next, evolution.steps());
        if (changed) {
            CloudStore.save(connection, cloud, next.version(), source, SyncSchema.coreSource());
        }
        if (evolution.startsGoingDown() && old != null) {
            bringOver(connection, old, next);
        }
        return new Outcome(next, changed);
    }

    /** Tables that begin to go down are brought over to every device, whether it asks or not. */
    private static void bringOver(Connection connection, CloudSchema old, CloudSchema next) throws SQLException {
        StreamStore.Stream stream = StreamStore.lock(connection);
        for (TableLayout layout : next.layouts().values()) {
            String model = layout.model().name();
            TableLayout before = old.layout(model);
            if (before != null
                    && layout.model().sync().goesDown()
                    && !before.model().sync().goesDown()) {
                ControlStore.giveAnew(connection, next.cloud(), ControlStore.WHOLE_CLOUD, model, stream.resyncPlace());
            }
        }
        CatchUpStore.owe(connection, next.cloud(), null, stream.position());
    }

    private static Set<String> emptyTables(Connection connection, CloudSchema schema) throws SQLException {
        Set<String> empty = new HashSet<>();
        for (TableLayout layout : schema.layouts().values()) {
            if (CloudStore.isEmpty(connection, schema, layout)) {
                empty.add(layout.table());
            }
        }
        return empty;
    }

    private static CloudSchema compile(String cloud, CloudStore.Version version) {
        return CloudSchema.compile(cloud, version.version(), parse(version.core()), parse(version.source()));
    }

    private static SyncSchema core() {
        return parse(SyncSchema.coreSource());
    }

    private static SyncSchema parse(String source) {
        try {
            return SyncSchema.of(JsonCodec.readJson5(source));
        } catch (IOException e) {
            throw new SchemaException(List.of(new SchemaProblem("", "not-json5", reason(e))));
        }
    }

    private static String reason(IOException e) {
        String message = e instanceof com.fasterxml.jackson.core.JsonProcessingException json
                ? json.getOriginalMessage() + place(json)
                : e.getMessage();
        return message == null ? "cannot be read" : message;
    }

    private static String place(com.fasterxml.jackson.core.JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }
}
