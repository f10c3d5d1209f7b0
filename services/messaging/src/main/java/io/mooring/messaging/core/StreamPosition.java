package io.mooring.messaging.core;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Up to where events were heard: of each partition, which comes next. Events come from several partitions at once, so the
 * place of one says nothing of the others; the id of a server-sent event is therefore a whole position, and whoever comes
 * back with it as {@code Last-Event-ID} (HTML Living Standard, section 9.2.4) misses nothing and hears nothing twice.
 *
 * <p>As text: {@code command:0=120,1=99;message:4=7}, kinds and partitions in order.
 */
public final class StreamPosition {
    /** Nothing is known of any partition. */
    public static final StreamPosition NONE = new StreamPosition(new EnumMap<>(EventKind.class));

    /** The longest text that is read, in characters: more than a thousand partitions. */
    private static final int LONGEST = 32_768;

    private static final Pattern PLACE = Pattern.compile("(0|[1-9][0-9]{0,8})=(0|[1-9][0-9]{0,17})");

    private final Map<EventKind, SortedMap<Integer, Long>> next;

    private StreamPosition(Map<EventKind, SortedMap<Integer, Long>> next) {
        this.next = next;
    }

    /** Reads its text; refused with {@code bad-request}. */
    public static Outcome<StreamPosition> parse(String text) {
        Outcome<StreamPosition> refused =
                Outcome.refused("bad-request", "\"Last-Event-ID\" is not the id of an event of this stream.");
        if (text.length() > LONGEST) {
            return refused;
        }
        StreamPosition position = NONE;
        for (String part : text.split(";", -1)) {
            int colon = part.indexOf(':');
            EventKind kind =
                    colon < 0 ? null : EventKind.of(part.substring(0, colon)).orElse(null);
            if (kind == null || position.next.containsKey(kind)) {
                return refused;
            }
            SortedMap<Integer, Long> places = new TreeMap<>();
            for (String place : part.substring(colon + 1).split(",", -1)) {
                Matcher matcher = PLACE.matcher(place);
                if (!matcher.matches()
                        || places.put(Integer.valueOf(matcher.group(1)), Long.valueOf(matcher.group(2))) != null) {
                    return refused;
                }
            }
            position = position.with(kind, places);
        }
        return Outcome.done(position);
    }

    private StreamPosition with(EventKind kind, SortedMap<Integer, Long> places) {
        Map<EventKind, SortedMap<Integer, Long>> all = new EnumMap<>(EventKind.class);
        all.putAll(next);
        all.put(kind, places);
        return new StreamPosition(all);
    }

    /** The kinds that something is known of. */
    public Set<EventKind> kinds() {
        return next.keySet();
    }

    /** Of each partition of a kind that something is known of, the offset that comes next. */
    public Map<Integer, Long> places(EventKind kind) {
        return next.getOrDefault(kind, new TreeMap<>());
    }

    /** The offset of a partition that comes next, if it is known. */
    public OptionalLong next(EventKind kind, int partition) {
        Long offset = places(kind).get(partition);
        return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
    }

    /** This, but in one partition up to before an offset. */
    public StreamPosition at(EventKind kind, int partition, long offset) {
        SortedMap<Integer, Long> places = new TreeMap<>(places(kind));
        places.put(partition, offset);
        return with(kind, places);
    }

    /** Only what is of these kinds. */
    public StreamPosition only(Set<EventKind> kinds) {
        Map<EventKind, SortedMap<Integer, Long>> some = new EnumMap<>(EventKind.class);
        next.forEach((kind, places) -> {
            if (kinds.contains(kind)) {
                some.put(kind, places);
            }
        });
        return new StreamPosition(some);
    }

    /** Of each partition the further of the two. */
    public StreamPosition furthest(StreamPosition other) {
        StreamPosition furthest = this;
        for (EventKind kind : other.kinds()) {
            SortedMap<Integer, Long> places = new TreeMap<>(places(kind));
            other.places(kind).forEach((partition, offset) -> places.merge(partition, offset, Math::max));
            furthest = furthest.with(kind, places);
        }
        return furthest;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StreamPosition position && next.equals(position.next);
    }

    @Override
    public int hashCode() {
        return next.hashCode();
    }

    @Override
    public String toString() {
        StringJoiner kinds = new StringJoiner(";");
        next.forEach((kind, places) -> {
            StringJoiner text = new StringJoiner(",", kind.text() + ":", "");
            places.forEach((partition, offset) -> text.add(partition + "=" + offset));
            kinds.add(text.toString());
        });
        return kinds.toString();
    }
}
