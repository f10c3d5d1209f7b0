package io.mooring.agent.spool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the batches of a spool, the oldest first and one at a time, each until the cloud has it; ends when it is interrupted. */
public final class BatchSender implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchSender.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** The way to the cloud. */
    @FunctionalInterface
    public interface Exchange {
        /**
         * Sends a batch.
         *
         * @return what the cloud answers; failed if there is no connection, or no answer
         */
        CompletableFuture<byte[]> send(byte[] batch);
    }

    private final BatchSpool spool;
    private final String entries;
    private final Exchange exchange;
    private final Consumer<String> trouble;
    private final Semaphore nudge = new Semaphore(0);

    /**
     * @param entries what batches hold, for people: {@code lines}
     * @param trouble hears what goes wrong
     */
    public BatchSender(BatchSpool spool, String entries, Exchange exchange, Consumer<String> trouble) {
        this.spool = spool;
        this.entries = entries;
        this.exchange = exchange;
        this.trouble = trouble;
    }

    /** The cloud can be reached again: tries at once. */
    public void wake() {
        nudge.release();
    }

    @Override
    public void run() {
        Duration wait = FIRST_PAUSE;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                spool.awaitBatch();
                nudge.drainPermits();
                if (sentFirst()) {
                    wait = FIRST_PAUSE;
                } else if (nudge.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                    wait = FIRST_PAUSE;
                } else {
                    wait = wait.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? wait.multipliedBy(2) : LONGEST_PAUSE;
                }
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean sentFirst() throws InterruptedException {
        try {
            Optional<BatchSpool.Batch> batch = spool.first();
            return batch.isPresent() && sent(batch.get());
        } catch (IOException unreadable) {
            if (!Thread.currentThread().isInterrupted()) {
                trouble.accept(entries + " cannot be read from the disk: " + unreadable);
            }
            return false;
        }
    }

    /** Sends a batch; whether the cloud has it, or never will. */
    private boolean sent(BatchSpool.Batch batch) throws IOException, InterruptedException {
        JsonNode answer;
        try {
            answer = JSON.readTree(exchange.send(batch.body()).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException | IOException away) {
            LOG.debug("batch {} is not acknowledged yet", batch.id(), away);
            return false;
        }
        if (answer.has("error")) {
            trouble.accept("the cloud refuses a batch of " + entries + ": "
                    + answer.path("error").asText());
        } else if (!answer.path("id").asText().equals(batch.id())) {
            // The answer to one before, which was given up too early.
            return false;
        } else if (answer.path("refused").asInt() > 0) {
            trouble.accept("the cloud refuses " + answer.path("refused").asInt() + " " + entries + ": "
                    + answer.at("/refusals/0/detail").asText());
        }
        spool.done(batch.number());
        return true;
    }
}
