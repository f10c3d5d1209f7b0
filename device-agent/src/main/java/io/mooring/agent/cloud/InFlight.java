package io.mooring.agent.cloud;

import io.mooring.agent.db.PendingRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The messages on their way up. A row is in one of them at most; what is not acknowledged in time
 * may be sent anew, but the late acknowledgement still counts.
 */
final class InFlight {
    private static final int MOST_LATE = 200;

    private final Map<Long, Flight> flying = new LinkedHashMap<>();
    private final Map<Long, Flight> late = new LinkedHashMap<>();
    private final Set<Long> rows = new HashSet<>();

    /**
     * A row in a message.
     *
     * @param writtenMillis when it was written
     */
    record Sent(PendingRow row, long writtenMillis) {}

    private record Flight(List<Sent> sent, long sinceNanos) {}

    void sent(long seq, List<Sent> sent, long nowNanos) {
        flying.put(seq, new Flight(new ArrayList<>(sent), nowNanos));
        sent.forEach(one -> rows.add(one.row().number()));
    }

    boolean isFlying(PendingRow row) {
        return rows.contains(row.number());
    }

    int messages() {
        return flying.size();
    }

    int rows() {
        return rows.size();
    }

    /** The rows that an acknowledgement speaks of; only {@code seq} and key together name one. */
    List<Sent> landed(long seq, Collection<String> keys) {
        boolean inTime = flying.containsKey(seq);
        Flight flight = inTime ? flying.get(seq) : late.get(seq);
        if (flight == null) {
            return List.of();
        }
        List<Sent> landed = new ArrayList<>();
        Set<String> named = new HashSet<>(keys);
        for (Iterator<Sent> each = flight.sent().iterator(); each.hasNext(); ) {
            Sent sent = each.next();
            if (named.contains(sent.row().key())) {
                landed.add(sent);
                each.remove();
                if (inTime) {
                    rows.remove(sent.row().number());
                }
            }
        }
        if (flight.sent().isEmpty()) {
            flying.remove(seq);
            late.remove(seq);
        }
        return landed;
    }

    /** Frees the rows of messages that were sent before a time and not acknowledged. */
    int giveUpOn(long beforeNanos) {
        int freed = 0;
        for (Iterator<Map.Entry<Long, Flight>> each = flying.entrySet().iterator(); each.hasNext(); ) {
            var flight = each.next();
            if (flight.getValue().sinceNanos() - beforeNanos > 0) {
                break;
            }
            each.remove();
            flight.getValue().sent().forEach(sent -> rows.remove(sent.row().number()));
            freed += flight.getValue().sent().size();
            late.put(flight.getKey(), flight.getValue());
        }
        while (late.size() > MOST_LATE) {
            late.remove(late.keySet().iterator().next());
        }
        return freed;
    }

    /** A new connection: nothing is known to be on its way any more. */
    void clear() {
        flying.clear();
        late.clear();
        rows.clear();
    }
}
