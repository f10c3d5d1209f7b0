package io.mooring.chassis.audit;

import io.mooring.chassis.Json;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.audit.AuditCounter;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Headers;

/**
 * Tells the audit trail of what changes nothing, such as a request that is not let in: there is no transaction to tell of it,
 * so it goes to Kafka straight. It has numbers of its own: nobody's guesses wait for the row that numbers what is done.
 * The form is CloudTrail's, event version 1.11.
 */
public final class DirectTrail {
    private final Sender sender;
    private final String topic;
    private final String service;
    private final String source;
    private final String region;
    private final AuditCounter counter;

    /** Sends records; when it returns, Kafka has all of them. */
    @FunctionalInterface
    public interface Sender {
        void send(List<ProducerRecord<String, byte[]>> records) throws ExecutionException, InterruptedException;
    }

    /**
     * A service's.
     *
     * @param topic of the audit trail's events
     * @param region in records of AWS' form; may be empty
     */
    public DirectTrail(Sender sender, String topic, String service, String region) {
        this.sender = sender;
        this.topic = topic;
        this.service = service;
        this.source = "/services/" + service;
        this.region = region;
        this.counter = new AuditCounter(source, UUID.randomUUID().toString());
    }

    /** Tells of something that is nobody's, or of which it is not certain whose. */
    public void tell(AuditRecord told) throws IOException {
        tell(told, "");
    }

    /**
     * Tells of something; when this returns, Kafka has it.
     *
     * @param cloud whose data it was, empty if that is not certain
     * @throws IOException if Kafka could not be told
     */
    public void tell(AuditRecord told, String cloud) throws IOException {
        UUID id = UUID.randomUUID();
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, source, value(id, told));
        Headers headers = record.headers();
        Records.event(headers, id, source, EventTypes.AUDIT, told.action());
        Records.put(
                headers,
                EventHeaders.TIME,
                told.at().truncatedTo(ChronoUnit.MILLIS).toString());
        Records.put(headers, EventHeaders.CONTENT_TYPE, "application/json");
        Records.put(headers, EventHeaders.CLOUD, cloud.isEmpty() ? null : cloud);
        String account = told.caller().account();
        Records.put(headers, EventHeaders.ACCOUNT, account.isEmpty() ? null : account);
        try {
            sender.send(List.of(record));
        } catch (ExecutionException | KafkaException failed) {
            throw new IOException("the audit trail could not be told", failed);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ending);
        }
    }

    private byte[] value(UUID id, AuditRecord told) {
        return Json.write(told.toCloudTrail(id, service, region, counter.next()))
                .getBytes(StandardCharsets.UTF_8);
    }
}
