package io.mooring.sync.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.kafka.Records;
import io.mooring.sync.CatchUpWorkers;
import io.mooring.sync.JsonCodec;
import io.mooring.sync.core.CatchUpReceipts;
import io.mooring.sync.db.CatchUpStore;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** Hears what devices have acknowledged of their catch-ups, so that they are not sent more than they take. */
@ApplicationScoped
public class ReceiptConsumer {
    private static final Logger LOG = Logger.getLogger(ReceiptConsumer.class);

    private final CatchUpWorkers workers;
    private final Persistence persistence;

    public ReceiptConsumer(CatchUpWorkers workers, Persistence persistence) {
        this.workers = workers;
        this.persistence = persistence;
    }

    @Incoming("receipt")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        List<CatchUpStore.Receipt> receipts = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            read(record, receipts);
        }
        if (!receipts.isEmpty()) {
            persistence.until("note receipts", () -> {
                workers.heard(receipts);
                return true;
            });
        }
    }

    /** Others' receipts, and what is none, are others' business. */
    private static void read(ConsumerRecord<String, byte[]> record, List<CatchUpStore.Receipt> receipts) {
        if (record.key() == null || record.value() == null) {
            return;
        }
        try {
            JsonNode json = JsonCodec.read(record.value());
            Matcher receipt = CatchUpReceipts.match(json.path("receipt").asText(""));
            if (receipt.matches()) {
                receipts.add(new CatchUpStore.Receipt(
                        record.key(), Long.parseLong(receipt.group(1)), Long.parseLong(receipt.group(2))));
            }
        } catch (IOException e) {
            LOG.debugf("no receipt: %s", Records.origin(record));
        }
    }
}
