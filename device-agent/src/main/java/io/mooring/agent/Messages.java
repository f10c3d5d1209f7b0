package io.mooring.agent;

import io.mooring.agent.cloud.CloudConnection;
import io.mooring.contracts.mqtt.TopicFilter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes to and fro at once, beside rows: data on the topics {@code app/{id}/…} that are declared for the device's
 * product, questions to the cloud, and answers to those of applications. Nothing of it is kept over a connection's end:
 * what must not get lost is a row.
 */
public final class Messages {
    /** The longest a question may take (device protocol, section 2). */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(Messages.class);
    private static final String REQUEST = "request/";
    private static final String ANSWER = "answer/";

    /** Hears data. */
    @FunctionalInterface
    public interface Hearer {
        /** @param tail the topic past {@code app/{id}/} */
        void hear(String tail, byte[] payload);
    }

    /** Answers what applications ask. */
    @FunctionalInterface
    public interface Answerer {
        /**
         * Answers one question; what it throws is told instead.
         *
         * @throws Exception if there is no answer
         */
        byte[] answer(byte[] question) throws Exception;
    }

    private final Executor executor;
    private final Consumer<AgentEvent> listener;
    private final Map<String, Hearer> hearers = new ConcurrentHashMap<>();
    private final Map<String, Answerer> answerers = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<byte[]>> asked = new ConcurrentHashMap<>();
    private final Set<CompletableFuture<byte[]>> exchanges = ConcurrentHashMap.newKeySet();
    private final AtomicLong sequence = new AtomicLong(System.currentTimeMillis());
    private volatile @Nullable CloudConnection connection;

    Messages(Executor executor, Consumer<AgentEvent> listener) {
        this.executor = executor;
        this.listener = listener;
    }

    /**
     * Says something to whatever applications listen.
     *
     * @param tail the topic past {@code app/{id}/}
     * @param retain whether those that subscribe later are to hear it, until the next
     * @return done when the cloud has it; failed if there is no connection or it refuses
     */
    public CompletableFuture<?> publish(String tail, byte[] payload, boolean retain) {
        CloudConnection there = connection;
        return there == null ? away() : there.publishData(tail, payload, retain);
    }

    /** Hears what applications say on topics past {@code app/{id}/}, from now on, on each connection. */
    public void subscribe(String filter, Hearer hearer) {
        if (!TopicFilter.isValid(filter)) {
            throw new IllegalArgumentException("no topic filter: " + filter);
        }
        hearers.put(filter, hearer);
        CloudConnection there = connection;
        if (there != null) {
            subscribe(there, filter);
        }
    }

    /** Answers what applications ask under a name, such as {@code status}. */
    public void answer(String name, Answerer answerer) {
        answerers.put(name, answerer);
    }

    /**
     * Asks the cloud (device protocol, section 2, requests).
     *
     * @param name such as {@code store/get}
     * @return the answer; failed if there is none within the time
     */
    public CompletableFuture<byte[]> request(String name, byte[] question, Duration timeout) {
        CloudConnection there = connection;
        if (there == null) {
            return away();
        }
        String tail = name + "/" + sequence.incrementAndGet();
        CompletableFuture<byte[]> answer =
                new CompletableFuture<byte[]>().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
        asked.put(tail, answer);
        answer.whenComplete((said, failure) -> asked.remove(tail));
        there.publish(tail, question).whenComplete((sent, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /**
     * Tells the cloud something that it answers on a topic of the same name, one at a time.
     *
     * @return the answer; failed if there is none within the time, or before the connection ends
     */
    CompletableFuture<byte[]> exchange(String tail, byte[] body, Duration timeout) {
        CloudConnection there = connection;
        if (there == null) {
            return away();
        }
        CompletableFuture<byte[]> answer =
                new CompletableFuture<byte[]>().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
        asked.put(tail, answer);
        exchanges.add(answer);
        answer.whenComplete((said, failure) -> {
            asked.remove(tail, answer);
            exchanges.remove(answer);
        });
        there.publish(tail, body).whenComplete((sent, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    private static <T> CompletableFuture<T> away() {
        return CompletableFuture.failedFuture(new IllegalStateException("the device is not connected"));
    }

    void connected(CloudConnection now) {
        connection = now;
        cutOff();
        hearers.keySet().forEach(filter -> subscribe(now, filter));
    }

    void disconnected(CloudConnection gone) {
        if (connection == gone) {
            connection = null;
            cutOff();
        }
    }

    /** Who waits for an answer that may have been lost with a connection says it again over the next, and at once. */
    private void cutOff() {
        exchanges.forEach(answer ->
                answer.completeExceptionally(new IllegalStateException("the connection ended before the answer")));
    }

    private void subscribe(CloudConnection there, String filter) {
        there.subscribeData(filter).whenComplete((done, failure) -> {
            if (failure != null) {
                listener.accept(new AgentEvent.Trouble(
                        "the cloud refuses the subscription " + filter + ": " + failure.getMessage()));
            }
        });
    }

    void data(String tail, byte[] payload) {
        hearers.forEach((filter, hearer) -> {
            if (TopicFilter.matches(filter, tail)) {
                try {
                    hearer.hear(tail, payload);
                } catch (RuntimeException e) {
                    LOG.warn("A hearer of {} failed", filter, e);
                }
            }
        });
    }

    /** Whether something the cloud told was an answer, or a question that is answered here. */
    boolean told(String tail, byte[] payload) {
        CompletableFuture<byte[]> waiting = asked.remove(tail);
        if (waiting != null) {
            waiting.complete(payload);
            return true;
        }
        int slash = tail.lastIndexOf('/');
        if (!tail.startsWith(REQUEST) || slash < REQUEST.length()) {
            return false;
        }
        Answerer answerer = answerers.get(tail.substring(REQUEST.length(), slash));
        if (answerer == null) {
            return false;
        }
        executor.execute(() -> answer(tail.substring(slash + 1), answerer, payload));
        return true;
    }

    private void answer(String question, Answerer answerer, byte[] payload) {
        byte[] answer;
        try {
            answer = answerer.answer(payload);
        } catch (Exception e) {
            String said = String.valueOf(e.getMessage()).replaceAll("[\"\\\\\\p{Cntrl}]", " ");
            answer = ("{\"error\":\"" + said + "\"}").getBytes(StandardCharsets.UTF_8);
        }
        CloudConnection there = connection;
        if (there != null) {
            there.publish(ANSWER + question, answer).whenComplete((sent, failure) -> {
                if (failure != null) {
                    LOG.warn("An answer was not sent: {}", failure.toString());
                }
            });
        }
    }
}
