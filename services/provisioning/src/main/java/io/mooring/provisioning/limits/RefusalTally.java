package io.mooring.provisioning.limits;

import io.mooring.chassis.http.TokenBuckets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which refusals are told one by one, and which only as a number: whoever tries in a loop must not fill the
 * audit trail. Of each kind of refusal to each source the first few of a period are told, the rest are counted.
 */
public final class RefusalTally {
    /** How many of a kind are told one by one in a period. */
    static final int TOLD_ONE_BY_ONE = 10;

    /** The most kinds that are remembered in a period; what is beyond is counted as of many sources. */
    static final int MAX_KINDS = 10_000;

    /** In place of the source, where there were too many to remember. */
    static final String MANY_SOURCES = "many";

    private Map<Kind, Count> counts = new LinkedHashMap<>();

    /**
     * What is refused to whom.
     *
     * @param action what was asked
     * @param code why it was refused
     * @param source whose address, see {@link TokenBuckets#source}
     */
    public record Kind(String action, String code, String source) {}

    /** How many more of a kind there were than were told. */
    public record Untold(Kind kind, long times) {}

    private static final class Count {
        private int told;
        private long untold;
    }

    /** Counts a refusal; true if it is to be told by itself. */
    public synchronized boolean add(Kind kind) {
        Count known = counts.get(kind);
        if (known == null) {
            boolean room = counts.size() < MAX_KINDS;
            Kind counted = room ? kind : new Kind(kind.action(), kind.code(), MANY_SOURCES);
            known = counts.computeIfAbsent(counted, any -> new Count());
        }
        if (known.told < TOLD_ONE_BY_ONE) {
            known.told++;
            return true;
        }
        known.untold++;
        return false;
    }

    /** What was counted and not told, and a new period begins. */
    public synchronized List<Untold> drain() {
        List<Untold> untold = new ArrayList<>();
        counts.forEach((kind, count) -> {
            if (count.untold > 0) {
                untold.add(new Untold(kind, count.untold));
            }
        });
        counts = new LinkedHashMap<>();
        return untold;
    }
}
