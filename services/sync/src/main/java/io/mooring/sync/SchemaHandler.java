package io.mooring.sync;

import io.mooring.chassis.db.Database;
import io.mooring.contracts.schema.SchemaException;
import io.mooring.contracts.schema.SchemaProblem;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.SchemaEvolution;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.CatchUpStore;
import io.mooring.sync.db.CloudStore;
import io.mooring.sync.db.ControlStore;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.db.SchemaStore;
import io.mooring.sync.db.StreamStore;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The schemas of clouds: takes new versions, turns them into tables, and knows those in force. */
@Singleton
public class SchemaHandler {
    /** The schema of a cloud whose owner gave none: the models every cloud has. */
    static final String NOTHING_OF_ITS_OWN = "{format: '" + SyncSchema.FORMAT + "', models: {}}";

    /** Who puts what nobody asked for, as the audit trail names it. */
    private static final String OURSELVES = "sync";

    private static final Logger LOG = Logger.getLogger(SchemaHandler.class);

    /**
     * What became of an upload.
     *
     * @param schema the schema in force now
     * @param changed whether that is new
     */
    public record Outcome(CloudSchema schema, boolean changed) {}

    private final Database database;
    private final DownlinkMessages messages;
    private final Map<String, CloudSchema> known = new ConcurrentHashMap<>();

    public SchemaHandler(Database database, DownlinkMessages messages) {
        this.database = database;
        this.messages = messages;
    }

    /** The schema in force as last seen; makes the cloud if it is not there. */
    public CloudSchema of(String cloud) throws SQLException {
        CloudSchema schema = known.get(cloud);
        if (schema != null) {
            return schema;
        }
        Optional<SchemaStore.Version> version = database.read(connection -> SchemaStore.current(connection, cloud));
        if (version.isEmpty()) {
            return put(cloud, NOTHING_OF_ITS_OWN, OURSELVES).schema();
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
    public Optional<SchemaStore.Version> source(String cloud) throws SQLException {
        return database.read(connection -> SchemaStore.current(connection, cloud));
    }

    /** An earlier version of a cloud's schema, and what became of it then. */
    public Optional<SchemaStore.Version> source(String cloud, int version) throws SQLException {
        return database.read(connection -> SchemaStore.version(connection, cloud, version));
    }

    /** What a product brought in one of its versions. */
    public Optional<SchemaStore.Product> product(String cloud, String product, int version) throws SQLException {
        return database.read(connection -> SchemaStore.product(connection, cloud, product, version));
    }

    /** The versions of a cloud's schema, the newest first; none if there is no such cloud. */
    public List<SchemaStore.Listed> versions(String cloud) throws SQLException {
        return database.read(connection -> SchemaStore.list(connection, cloud));
    }

    /** The versions of what a product brings, the newest first; none if it brings nothing. */
    public List<SchemaStore.Listed> versions(String cloud, String product) throws SQLException {
        return database.read(connection -> SchemaStore.list(connection, cloud, product));
    }

    /**
     * Puts a cloud's own schema in force.
     *
     * @param source JSON5
     * @param by who puts it, for the audit trail
     * @throws SchemaException if it cannot be used, or would lose what is stored
     */
    public Outcome put(String cloud, String source, String by) throws SQLException {
        parse(source);
        return put(cloud, by, Map.of(), before -> with(before, source, products(before)));
    }

    /**
     * Puts in force what a product brings.
     *
     * @param source JSON5
     * @param by who puts it, for the audit trail
     * @throws SchemaException if it cannot be used, contradicts another's, or would lose what is stored
     */
    public Outcome putProduct(String cloud, String product, String source, String by) throws SQLException {
        parse(source);
        return put(cloud, by, Map.of("product", product), before -> {
            SortedMap<String, SchemaStore.Product> products = new TreeMap<>(products(before));
            SchemaStore.Product known = products.get(product);
            if (known == null || !known.source().equals(source)) {
                products.put(product, new SchemaStore.Product(known == null ? 1 : known.version() + 1, source));
            }
            return with(before, before == null ? NOTHING_OF_ITS_OWN : before.source(), products);
        });
    }

    private static SortedMap<String, SchemaStore.Product> products(SchemaStore.@Nullable Version version) {
        return version == null ? Collections.emptySortedMap() : version.products();
    }

    private static SchemaStore.Version with(
            SchemaStore.@Nullable Version before, String source, SortedMap<String, SchemaStore.Product> products) {
        int version = before == null ? 1 : before.version() + 1;
        return new SchemaStore.Version(version, source, SyncSchema.coreSource(), products, Instant.now());
    }

    private Outcome put(
            String cloud,
            String by,
            Map<String, @Nullable String> asked,
            UnaryOperator<SchemaStore.@Nullable Version> change)
            throws SQLException {
        Outcome outcome = database.transact(connection -> {
            Outcome evolved = evolve(connection, cloud, change);
            if (evolved.changed()) {
                Map<String, @Nullable String> parameters = new HashMap<>(asked);
                parameters.put("version", Integer.toString(evolved.schema().version()));
                OutboxStore.add(
                        connection,
                        List.of(messages.auditControl(
                                cloud, by, "PutSchema", parameters, OutboxStore.nextAuditPosition(connection))));
            }
            return evolved;
        });
        known.put(cloud, outcome.schema());
        if (outcome.changed()) {
            LOG.infof("cloud %s has schema version %d", cloud, outcome.schema().version());
        }
        return outcome;
    }

    /** Brings all clouds to what this release makes of their schemas. */
    public void refreshAll() throws SQLException {
        for (String cloud : database.read(CloudStore::names)) {
            Optional<SchemaStore.Version> version = source(cloud);
            if (version.isPresent()) {
                put(cloud, version.get().source(), OURSELVES);
            }
        }
    }

    private static Outcome evolve(
            Connection connection, String cloud, UnaryOperator<SchemaStore.@Nullable Version> change)
            throws SQLException {
        CloudStore.lockExclusively(connection, cloud);
        SchemaStore.Version before = SchemaStore.current(connection, cloud).orElse(null);
        SchemaStore.Version after = Objects.requireNonNull(change.apply(before));
        CloudSchema old = before == null ? null : compile(cloud, before);
        boolean changed = before == null || !saysTheSame(before, after);
        CloudSchema next = compile(cloud, after);
        if (before != null && !changed) {
            next = new CloudSchema(cloud, before.version(), next.layouts());
        }
        CloudStore.create(connection, next);
        Set<String> empty = old == null ? Set.of() : emptyTables(connection, old);
        SchemaEvolution evolution = SchemaEvolution.between(old, next, layout -> empty.contains(layout.table()));
        List<SchemaProblem> problems = new ArrayList<>(evolution.problems());
        if (problems.isEmpty() && old != null) {
            for (SchemaEvolution.Tightened tightened : evolution.tightened()) {
                long breaking = CloudStore.breaking(connection, old, tightened);
                if (breaking > 0) {
                    problems.add(rowsBreak(tightened, breaking));
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new SchemaException(problems);
        }
        CloudStore.apply(connection, next, evolution.steps());
        if (changed) {
            SchemaStore.save(connection, cloud, after);
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

    private static SchemaProblem rowsBreak(SchemaEvolution.Tightened tightened, long rows) {
        String path = "models." + tightened.layout().model().name() + "."
                + tightened.column().field().name();
        String how = switch (tightened.rule()) {
            case REQUIRED -> "have no value for it";
            case ENUM -> "have a value that is not among these";
            case UNIQUE -> "share their values";
            case STRUCTURE -> "are not of this structure";
        };
        String place = tightened.rule() == SchemaEvolution.Rule.STRUCTURE
                ? ""
                : "." + tightened.rule().name().toLowerCase(Locale.ROOT);
        return new SchemaProblem(path + place, "rows-break-rule", rows + " rows " + how + ": change them first");
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

    private static boolean saysTheSame(SchemaStore.Version a, SchemaStore.Version b) {
        return a.source().equals(b.source())
                && a.core().equals(b.core())
                && a.products().equals(b.products());
    }

    private static CloudSchema compile(String cloud, SchemaStore.Version version) {
        SortedMap<String, SyncSchema> products = new TreeMap<>();
        version.products().forEach((product, schema) -> products.put(product, parse(schema.source())));
        return CloudSchema.compile(cloud, version.version(), parse(version.core()), parse(version.source()), products);
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
