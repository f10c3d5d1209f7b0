package io.mooring.bridge.kafka;

import io.mooring.contracts.kafka.EventHeaders;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts aside records that cannot be understood, with the reason in their headers. */
public final class DeadLetters {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private final RecordSender sender;
    private final AtomicLong count = new AtomicLong();

    public DeadLetters(RecordSender sender) {
        this.sender = sender;
    }

    /** How many were put aside since start. */
    public long count() {
        return count.get();
    }

    /** Sends a record to its topic's dead letters; a failure is only logged, as the record stays where it is. */
    public void send(ConsumerRecord<byte[], byte[]> poison, String code, String detail) {
        send(poison, code, detail, failure -> {});
    }

    /** Sends a record to its topic's dead letters, and tells whether they have it. */
    public void send(ConsumerRecord<byte[], byte[]> poison, String code, String detail, RecordSender.Outcome outcome) {
        String origin = poison.topic() + "/" + poison.partition() + "/" + poison.offset();
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(poison.topic() + ".dlq", null, poison.key(), poison.value(), poison.headers());
        letter.headers()
                .add(EventHeaders.ERROR_CODE, utf8(code))
                .add(EventHeaders.ERROR_DETAIL, utf8(detail))
                .add(EventHeaders.ERROR_ORIGIN, utf8(origin));
        sender.send(letter, failure -> {
            if (failure == null) {
                count.incrementAndGet();
            } else {
                LOG.warn("record {} is wrong ({}) and could not be put aside: {}", origin, code, failure.toString());
            }
            outcome.done(failure);
        });
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
