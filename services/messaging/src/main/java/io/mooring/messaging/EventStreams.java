package io.mooring.messaging;

import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.EventKind;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.StreamPosition;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Hands events on to whoever listens. A listener that does not keep up loses its stream, and nobody else anything: what
 * waits for it is bounded. It knows up to where it heard, and may take up the stream there.
 */
@Singleton
public class EventStreams {
    private static final int MOST_WAITING = 1_000;

    private final MessagingConfig.Limits limits;

    /** Guarded by this, as are the listeners: who begins to listen does so at a known place. */
    private StreamPosition heard = StreamPosition.NONE;

    private final List<Listener> listeners = new ArrayList<>();
    private final Map<String, Integer> open = new HashMap<>();

    public EventStreams(MessagingConfig config) {
        this.limits = config.limits();
    }

    /**
     * Something that happened.
     *
     * @param command of command events: which; else null
     * @param caller of command events: who asked; else null
     * @param product the device's, as far as it is known
     * @param partition of its kind's topic
     * @param offset in that partition
     * @param json what happened
     */
    public record Event(
            EventKind kind,
            String cloud,
            String device,
            @Nullable String product,
            @Nullable String command,
            @Nullable String caller,
            int partition,
            long offset,
            String json) {}

    /**
     * Events that were read together.
     *
     * @param upTo the end of what was read, of the partitions that it came from
     * @param productsKnown whether it was found out which products the devices are of
     */
    public record Batch(List<Event> events, StreamPosition upTo, boolean productsKnown) {}

    /**
     * What somebody wants to hear.
     *
     * @param device of this only, or null
     * @param command of this only, or null
     * @param from where it begins, or null for now
     */
    public record Wish(
            Set<EventKind> kinds,
            @Nullable String device,
            @Nullable String command,
            @Nullable StreamPosition from) {
        boolean wants(Event event) {
            return kinds.contains(event.kind())
                    && (device == null || device.equals(event.device()))
                    && (command == null || command.equals(event.command()));
        }
    }

    /** Somebody who listens. Used by one thread, which closes it. */
    public final class Listener implements AutoCloseable {
        private final Caller caller;
        private final Wish wish;
        private final StreamPosition start;
        private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
        private final AtomicBoolean overrun = new AtomicBoolean();
        private StreamPosition position;

        private Listener(Caller caller, Wish wish, StreamPosition now) {
            this.caller = caller;
            this.wish = wish;
            StreamPosition from = wish.from() == null ? StreamPosition.NONE : wish.from();
            this.start = now.furthest(from.only(wish.kinds()));
            // Of kinds that it did not listen to then, it hears what comes from now on.
            this.position = now;
            for (EventKind kind : from.only(wish.kinds()).kinds()) {
                for (Map.Entry<Integer, Long> place : now.places(kind).entrySet()) {
                    // A partition that it does not know of is newer than what it heard.
                    this.position = position.at(
                            kind,
                            place.getKey(),
                            from.next(kind, place.getKey()).orElse(0));
                }
            }
        }

        /** Whether it would hear of an event. */
        public boolean hears(Event event) {
            return wish.wants(event) && maySee(caller, event);
        }

        private void offer(Event event) {
            boolean passed =
                    event.offset() < start.next(event.kind(), event.partition()).orElse(0);
            // After a gap nothing more: whoever listens must not take what follows for all there was.
            if (!passed && !overrun.get() && hears(event) && !waiting.offer(event)) {
                overrun.set(true);
            }
        }

        /** The next event; null if none comes within so many milliseconds, or none ever will. */
        public @Nullable Event next(long millis) throws InterruptedException {
            Event event = waiting.poll();
            if (event == null && !overrun.get()) {
                catchUp();
                event = waiting.poll(millis, TimeUnit.MILLISECONDS);
            }
            if (event != null) {
                moveTo(event.kind(), event.partition(), event.offset() + 1);
            }
            return event;
        }

        /** If nothing waits for it, it has heard all that everybody has. */
        private void catchUp() {
            synchronized (EventStreams.this) {
                if (waiting.isEmpty()) {
                    position = position.furthest(heard.only(wish.kinds()));
                }
            }
        }

        /** Up to where it heard. */
        public StreamPosition position() {
            return position;
        }

        /** Where what it is told by {@link #next} begins; what lies between its position and this is to be read. */
        public StreamPosition start() {
            return start;
        }

        /** It has heard all of a partition before an offset. */
        public void moveTo(EventKind kind, int partition, long offset) {
            position = position.at(kind, partition, offset);
        }

        /** Whether somebody has to find out for it which products devices are of. */
        public boolean isProductNeeded() {
            return !caller.reach().products().isEmpty();
        }

        /** Whether it did not keep up: events were left out, and the stream must end. */
        public boolean isOverrun() {
            return overrun.get();
        }

        @Override
        public void close() {
            synchronized (EventStreams.this) {
                if (listeners.remove(this)) {
                    leave(caller);
                }
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

    /** Begins to listen; refused with {@code too-many-streams}, or {@code unavailable} before Kafka was heard at all. */
    public synchronized Outcome<Listener> listen(Caller caller, Wish wish) {
        if (!heard.kinds().containsAll(wish.kinds())) {
            return Outcome.refused("unavailable", "Events cannot be heard yet; try again.");
        }
        int own = open.merge(caller.name(), 1, Integer::sum);
        if (own > limits.streamsPerCaller() || listeners.size() >= limits.streams()) {
            leave(caller);
            return Outcome.refused(
                    "too-many-streams", "You may have " + limits.streamsPerCaller() + " streams open; close some.");
        }
        Listener listener = new Listener(caller, wish, heard.only(wish.kinds()));
        listeners.add(listener);
        return Outcome.done(listener);
    }

    private void leave(Caller caller) {
        open.computeIfPresent(caller.name(), (name, count) -> count == 1 ? null : count - 1);
    }

    /**
     * A partition is to be read.
     *
     * @param next where it would be read from
     * @return where it is to be read from instead, if some of it was heard before
     */
    public synchronized OptionalLong assigned(EventKind kind, int partition, long next) {
        OptionalLong known = heard.next(kind, partition);
        if (known.isEmpty()) {
            heard = heard.at(kind, partition, next);
        }
        return known;
    }

    /** Whether events of all kinds are heard. */
    public synchronized boolean isHeard() {
        return heard.kinds().containsAll(EnumSet.allOf(EventKind.class));
    }

    /** Passes over what was read if nobody listens. */
    public synchronized boolean isPassed(StreamPosition upTo) {
        if (listeners.isEmpty()) {
            heard = heard.furthest(upTo);
        }
        return listeners.isEmpty();
    }

    /** Whether anybody's reach depends on products. */
    public synchronized boolean isProductNeeded() {
        return listeners.stream().anyMatch(Listener::isProductNeeded);
    }

    /** Something happened. */
    public synchronized void tell(Batch batch) {
        for (Listener listener : listeners) {
            if (listener.isProductNeeded() && !batch.productsKnown()) {
                // It cannot be said what it may hear; it comes back, and is told then.
                listener.overrun.set(true);
            } else {
                batch.events().forEach(listener::offer);
            }
        }
        heard = heard.furthest(batch.upTo());
    }
}
