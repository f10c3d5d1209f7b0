package io.mooring.metrics.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spans from the finest to the coarsest. A point is in exactly one window of one span: the finest whose windows have not been
 * merged into longer ones yet at the time the point is of. So whoever asks for some time adds up the windows of all spans down
 * to the finest, and no point is there twice.
 */
public record Spans(List<Span> list) {
    /** 5 minutes of 30 s, an hour of 5 min, a day of 2 h, a week of 12 h, 28 days of 2 d, a year of twelfths. */
    public static final Spans DEFAULT =
            parse("300/30,3600/300,86400/7200,604800/43200,2419200/172800,31536000/2628000");

    public Spans {
        list = List.copyOf(list);
        if (list.isEmpty()) {
            throw new IllegalArgumentException("at least one span is needed");
        }
        for (int i = 1; i < list.size(); i++) {
            if (list.get(i).bucket() <= list.get(i - 1).bucket()
                    || list.get(i).period() <= list.get(i - 1).period()) {
                throw new IllegalArgumentException("each span has longer windows than the one before, for longer");
            }
        }
    }

    /** Reads {@code period/bucket}, in seconds or as ISO durations, with commas between them. */
    public static Spans parse(String text) {
        List<Span> spans = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String[] both = part.strip().split("/", -1);
            if (both.length != 2) {
                throw new IllegalArgumentException("a span is period/bucket, such as PT5M/PT30S, not " + part);
            }
            spans.add(new Span(seconds(both[0]), seconds(both[1])));
        }
        return new Spans(spans);
    }

    private static long seconds(String text) {
        return text.startsWith("P") ? Duration.parse(text).toSeconds() : Long.parseLong(text);
    }

    public int size() {
        return list.size();
    }

    public Span get(int index) {
        return list.get(index);
    }

    /** The span that answers for a period: the first as long as that, the longest if none is. */
    public int answering(long periodSeconds) {
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i).period() >= periodSeconds) {
                return i;
            }
        }
        return list.size() - 1;
    }

    /**
     * The window a time belongs in.
     *
     * @param span which span, from 0
     * @param start its begin, in seconds
     */
    public record Place(int span, long start) {}

    /**
     * Where a point of some time goes.
     *
     * @param closed of each span, where its windows begin that still take points
     * @return null if the time is older than everything that is kept
     */
    public @Nullable Place place(long seconds, long[] closed) {
        for (int i = 0; i < list.size(); i++) {
            long start = list.get(i).start(seconds);
            if (start >= closed[i]) {
                return new Place(i, start);
            }
        }
        return null;
    }

    /**
     * Up to where a span's windows are to be closed, which are then merged into windows of the next: those too old for it, as
     * many as fill whole windows of the next.
     */
    public long closing(int index, long nowSeconds) {
        long into = index + 1 < list.size()
                ? list.get(index + 1).bucket()
                : list.get(index).bucket();
        return Math.floorDiv(nowSeconds - list.get(index).period(), into) * into;
    }
}
