package io.mooring.bridge.application;

import io.mooring.bridge.message.MessageProperties;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What workers of shared subscriptions were given and have not acknowledged. The number of a ticket travels with the
 * message through the broker's queue as a user property, which no client gets to see.
 */
final class Tickets {
    /** The user property with the number. */
    static final String PROPERTY = MessageProperties.OWN + "ticket";

    // Never those of an earlier process, whose messages may still be in the broker's queues.
    private final AtomicLong last = new AtomicLong(System.currentTimeMillis() << 20);
    private final Map<Long, ShareGroup.Ticket> open = new ConcurrentHashMap<>();

    long next() {
        return last.incrementAndGet();
    }

    void open(ShareGroup.Ticket ticket) {
        open.put(ticket.number(), ticket);
    }

    /** An open ticket; null if what it was for is done or was given to another. */
    ShareGroup.@Nullable Ticket find(long number) {
        return open.get(number);
    }

    /** Takes a ticket away, once; null if it is not open any more. */
    ShareGroup.@Nullable Ticket close(long number) {
        return open.remove(number);
    }

    int size() {
        return open.size();
    }
}
