package io.mooring.messaging;

import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Outcome;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Hands events on to whoever listens. A listener that does not keep up loses its stream, and nobody else anything: what
 * waits for it is bounded.
 */
@Singleton
public class EventStreams {
    private static final int MOST_WAITING = 1_000;

    private final MessagingConfig.Limits limits;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> open = new ConcurrentHashMap<>();

    public EventStreams(MessagingConfig config) {
        this.limits = config.limits();
    }

    /** What an event is of. */
    public enum Kind {
        COMMAND,
        PRESENCE,
        MESSAGE
    }

    /**
     * Something that happened.
     *
     * @param command of command events: which; else null
     * @param caller of command events: who asked; else null
     * @param product the device's, as far as it is known
     * @param id its place, {@code topic/partition/offset}
     * @param json what happened
     */
    public record Event(
            Kind kind,
            String cloud,
            String device,
            @Nullable String product,
            @Nullable String command,
            @Nullable String caller,
            String id,
            String json) {}

    /**
     * What somebody wants to hear.
     *
     * @param device of this only, or null
     * @param command of this only, or null
     */
    public record Wish(
            Set<Kind> kinds,
            @Nullable String device,
            @Nullable String command) {
        boolean wants(Event event) {
            return kinds.contains(event.kind())
                    && (device == null || device.equals(event.device()))
                    && (command == null || command.equals(event.command()));
        }
    }

    /** Somebody who listens. To be closed. */
    public final class Listener implements AutoCloseable {
        private final Caller caller;
        private final Wish wish;
        private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
        private final AtomicBoolean overrun = new AtomicBoolean();

        private Listener(Caller caller, Wish wish) {
            this.caller = caller;
            this.wish = wish;
        }

        private void offer(Event event) {
            // After a gap nothing more: whoever listens must not take what follows for all there was.
            if (wish.wants(event) && maySee(caller, event) && !overrun.get() && !waiting.offer(event)) {
                overrun.set(true);
            }
        }

        /** The next event; null if none comes within so many milliseconds, or none ever will. */
        public @Nullable Event next(long millis) throws InterruptedException {
            Event event = waiting.poll();
            return event != null || overrun.get() ? event : waiting.poll(millis, TimeUnit.MILLISECONDS);
        }

        /** Whether it did not keep up: events were left out, and the stream must end. */
        public boolean isOverrun() {
            return overrun.get();
        }

        @Override
        public void close() {
            if (listeners.remove(this)) {
                leave(caller);
            }
        }
    }

    private static boolean maySee(Caller caller, Event event) {
        boolean reaches = (caller.cloud() == null || caller.cloud().equals(event.cloud()))
                && caller.reach().includes(event.device(), event.product());
        return switch (event.kind()) {
            // Of a command its caller hears whatever becomes of it.
            case COMMAND -> caller.isOperator() || caller.name().equals(event.caller());
            case PRESENCE, MESSAGE -> reaches;
        };
    }

    /** Begins to listen; refused with {@code too-many-streams}. */
    public Outcome<Listener> listen(Caller caller, Wish wish) {
        int own = open.merge(caller.name(), 1, Integer::sum);
        if (own > limits.streamsPerCaller() || listeners.size() >= limits.streams()) {
            leave(caller);
            return Outcome.refused(
                    "too-many-streams", "You may have " + limits.streamsPerCaller() + " streams open; close some.");
        }
        Listener listener = new Listener(caller, wish);
        listeners.add(listener);
        return Outcome.done(listener);
    }

    private void leave(Caller caller) {
        open.computeIfPresent(caller.name(), (name, count) -> count == 1 ? null : count - 1);
    }

    /** Whether anybody listens. */
    public boolean isAnybodyThere() {
        return !listeners.isEmpty();
    }

    /** Whether anybody's reach depends on products. */
    public boolean isProductNeeded() {
        return listeners.stream()
                .anyMatch(listener -> !listener.caller.reach().products().isEmpty());
    }

    /** Something happened. */
    public void tell(Event event) {
        listeners.forEach(listener -> listener.offer(event));
    }
}
