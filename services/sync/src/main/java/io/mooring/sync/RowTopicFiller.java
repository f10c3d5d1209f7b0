package io.mooring.sync;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.contracts.kafka.RowTopic;
import io.mooring.sync.core.CatchUpCursor;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowJson;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.CloudStore;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.db.RowStore;
import io.mooring.sync.db.RowTopicStore;
import io.mooring.sync.db.TombstoneStore;
import io.mooring.sync.kafka.RecordProducer;
import io.mooring.sync.kafka.RowTopics;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/**
 * Makes the topics on which applications read rows, and fills each with the graves and rows there were before it:
 * of a table that is new that is nothing, but topics can be lost and tables be older than topics.
 *
 * <p>What it reads it keeps from being changed until Kafka has it, so that whatever becomes of a row later is
 * said later.
 */
@Singleton
public class RowTopicFiller {
    private static final Logger LOG = Logger.getLogger(RowTopicFiller.class);
    private static final int CHUNK_ROWS = 500;
    private static final long LOOK_AGAIN_MILLIS = 2000;

    /** The id of a row that no event brought; it may come more than once. */
    private static final String NO_EVENT = "as-found-";

    private final Database database;
    private final SchemaHandler schemas;
    private final RowTopics topics;
    private final RecordProducer producer;
    private final Persistence persistence;

    public RowTopicFiller(
            Database database,
            SchemaHandler schemas,
            RowTopics topics,
            RecordProducer producer,
            Persistence persistence) {
        this.database = database;
        this.schemas = schemas;
        this.topics = topics;
        this.producer = producer;
        this.persistence = persistence;
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("row-topics").start(this::work);
    }

    private void work() {
        do {
            try {
                if (!topics.isEnabled()) {
                    database.run(RowTopicStore::forgetAll);
                    return;
                }
                makeAll();
                while (!persistence.isStopped() && fillOne()) {
                    LOG.trace("filled a chunk");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (Exception e) {
                LOG.warnf("could not fill topics of rows, trying again: %s", e);
                LOG.debug("why", e);
            }
        } while (persistence.pause(LOOK_AGAIN_MILLIS));
    }

    private void makeAll() throws Exception {
        for (String cloud : database.read(CloudStore::names)) {
            CloudSchema schema = schemas.of(cloud);
            topics.make(schema.layouts().values().stream()
                    .map(layout -> new RowTopic(cloud, layout.table()))
                    .toList());
            database.run(connection ->
                    RowTopicStore.note(connection, cloud, schema.layouts().keySet()));
        }
    }

    /** Fills in a chunk; false if there is nothing to fill. */
    private boolean fillOne() throws Exception {
        try {
            return database.transact(this::fill);
        } catch (UnsentException e) {
            throw e.cause;
        }
    }

    private static final class UnsentException extends RuntimeException {
        private final Exception cause;

        UnsentException(Exception cause) {
            super(cause);
            this.cause = cause;
        }
    }

    private boolean fill(Connection connection) throws SQLException {
        RowTopicStore.Unfilled topic = RowTopicStore.take(connection).orElse(null);
        if (topic == null) {
            return false;
        }
        CloudSchema schema = schemas.of(topic.cloud());
        TableLayout layout = schema.layout(topic.model());
        if (layout == null) {
            schemas.forget(topic.cloud());
            return false;
        }
        CatchUpCursor cursor = topic.progress().isEmpty() ? CatchUpCursor.START : CatchUpCursor.parse(topic.progress());
        boolean graves = cursor.stage() == 0;
        List<Row> rows = graves
                ? new TombstoneStore(schema)
                        .keepAll(connection, topic.model(), cursor.owner(), cursor.after(), CHUNK_ROWS)
                : new RowStore(schema, layout).keepAll(connection, cursor.owner(), cursor.after(), CHUNK_ROWS);
        send(topic.cloud(), layout, rows);
        boolean ended = rows.size() < CHUNK_ROWS;
        CatchUpCursor next = ended
                ? CatchUpCursor.stage(cursor.stage() + 1)
                : cursor.at(rows.getLast().key().owner(), rows.getLast().key().sk());
        RowTopicStore.advance(connection, topic, next.toString(), ended && !graves);
        return true;
    }

    private void send(String cloud, TableLayout layout, List<Row> rows) {
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(rows.size());
        for (Row row : rows) {
            byte[] json = OutboxStore.bytes(RowJson.write(layout, row));
            records.add(topics.record(
                    cloud, layout, row, NO_EVENT + row.state().clock().latest(), json));
        }
        try {
            producer.send(records);
        } catch (Exception e) {
            throw new UnsentException(e);
        }
    }
}
