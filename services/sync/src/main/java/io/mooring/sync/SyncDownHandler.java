package io.mooring.sync;

import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.sync.core.ChangedRow;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowJson;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.Database;
import io.mooring.sync.db.RowStore;
import io.mooring.sync.db.StreamStore;
import io.mooring.sync.kafka.RecordProducer;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/** Tells devices what changed in the database: first notes it where catch-ups will find it, then says it. */
@Singleton
public class SyncDownHandler {
    private static final Logger LOG = Logger.getLogger(SyncDownHandler.class);

    private final Database database;
    private final RecordProducer producer;
    private final SyncMetrics metrics;
    private final String downlink;

    public SyncDownHandler(Database database, RecordProducer producer, SyncMetrics metrics, TopicNames topics) {
        this.database = database;
        this.producer = producer;
        this.metrics = metrics;
        this.downlink = topics.of(Topic.DEVICE_DOWNLINK);
    }

    /**
     * Notes which changes there were, so that a device that misses what is said of them finds them when it
     * catches up.
     *
     * @param topicId the Kafka topic's id
     * @param first the offset of the first event of the batch
     * @param next the offset after the last
     */
    public void index(String topicId, long first, long next, List<ChangedRow> changes) throws SQLException {
        Map<String, StreamStore.Change> last = new LinkedHashMap<>();
        for (ChangedRow change : changes) {
            change.receiver().ifPresent(receiver -> {
                StreamStore.Change entry = new StreamStore.Change(
                        change.cloud().cloud(),
                        receiver.toString(),
                        change.row().key().model(),
                        change.row().key().sk(),
                        change.offset());
                last.put(String.join("\n", entry.cloud(), entry.receiver(), entry.model(), entry.sk()), entry);
            });
        }
        int epoch = database.transact(connection -> {
            StreamStore.Stream stream = StreamStore.lock(connection);
            if (!topicId.equals(stream.topicId()) || first > stream.next()) {
                stream = succeed(connection, stream, topicId, first);
            }
            if (!last.isEmpty()) {
                StreamStore.index(connection, List.copyOf(last.values()));
            }
            StreamStore.advance(connection, next);
            return stream.epoch();
        });
        metrics.epoch(epoch);
    }

    private static StreamStore.Stream succeed(
            java.sql.Connection connection, StreamStore.Stream stream, String topicId, long first) throws SQLException {
        if (stream.topicId() == null) {
            StreamStore.adopt(connection, topicId);
            if (first <= stream.next()) {
                return StreamStore.read(connection);
            }
        }
        LOG.warnf(
                "the stream of changes was lost (topic %s at %d, expected %s at %d): all devices get everything anew",
                topicId, first, stream.topicId(), stream.next());
        StreamStore.beginEpoch(connection, topicId, first);
        return StreamStore.read(connection);
    }

    /** Says what changed; when it returns, Kafka has it. */
    public void tell(List<ChangedRow> changes) throws Exception {
        List<ChangedRow> complete = completed(changes);
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(complete.size());
        for (ChangedRow change : complete) {
            Receiver receiver = change.isEcho() ? null : change.receiver().orElse(null);
            if (receiver != null) {
                records.add(RecordProducer.downlink(
                        downlink,
                        change.cloud().cloud(),
                        receiver.toString(),
                        receiver.key(),
                        change.kind().tail(),
                        RowJson.write(change.layout(), change.row())));
            }
        }
        producer.send(records);
        metrics.toldDown(changes.size(), records.size(), changes.size() - records.size());
    }

    /** Looks up the rows that the log holds only in part. One that is gone meanwhile is left to its grave. */
    private List<ChangedRow> completed(List<ChangedRow> changes) throws SQLException {
        Map<String, Map<String, List<RowKey>>> missing = new HashMap<>();
        Map<String, CloudSchema> clouds = new HashMap<>();
        for (ChangedRow change : changes) {
            if (!change.complete()) {
                clouds.put(change.cloud().cloud(), change.cloud());
                missing.computeIfAbsent(change.cloud().cloud(), cloud -> new HashMap<>())
                        .computeIfAbsent(change.row().key().model(), model -> new ArrayList<>())
                        .add(change.row().key());
            }
        }
        if (missing.isEmpty()) {
            return changes;
        }
        Map<String, Map<RowKey, Row>> found = database.read(connection -> {
            Map<String, Map<RowKey, Row>> rows = new HashMap<>();
            for (Map.Entry<String, Map<String, List<RowKey>>> cloud : missing.entrySet()) {
                for (Map.Entry<String, List<RowKey>> model : cloud.getValue().entrySet()) {
                    CloudSchema schema = clouds.get(cloud.getKey());
                    TableLayout layout = schema == null ? null : schema.layout(model.getKey());
                    if (schema != null && layout != null) {
                        for (Row row : new RowStore(schema, layout).read(connection, model.getValue())) {
                            rows.computeIfAbsent(cloud.getKey(), name -> new HashMap<>())
                                    .put(row.key(), row);
                        }
                    }
                }
            }
            return rows;
        });
        List<ChangedRow> complete = new ArrayList<>(changes.size());
        for (ChangedRow change : changes) {
            Row row = change.complete()
                    ? change.row()
                    : found.getOrDefault(change.cloud().cloud(), Map.of())
                            .get(change.row().key());
            if (row != null) {
                complete.add(
                        new ChangedRow(change.cloud(), change.layout(), row, change.kind(), change.offset(), true));
            }
        }
        return complete;
    }
}
