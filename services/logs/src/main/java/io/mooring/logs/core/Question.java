package io.mooring.logs.core;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which lines somebody wants.
 *
 * @param device only this one's; null for all
 * @param product only those of this product's devices; null for all
 * @param reach of whoever asks
 * @param from the earliest time, in ms since 1970
 * @param to the time before which; {@link Long#MAX_VALUE} for none
 * @param least the least grave level
 * @param source only from this; null for all
 * @param texts what each line holds, in whatever case
 */
public record Question(
        String cloud,
        @Nullable String device,
        @Nullable String product,
        Reach reach,
        long from,
        long to,
        Level least,
        @Nullable String source,
        List<String> texts) {
    /** The shortest text that can be searched: what is shorter is in every line. */
    public static final int SHORTEST = 3;

    /** The most texts of one question. */
    public static final int MOST_TEXTS = 8;

    public Question {
        texts = List.copyOf(texts);
    }

    /** The same of a part of the time. */
    public Question within(Span span) {
        return new Question(cloud, device, product, reach, span.from(), span.to(), least, source, texts);
    }

    /** Whether it is one of them. */
    public boolean includes(KeptLine line) {
        String text = texts.isEmpty() ? "" : line.line().text().toLowerCase(Locale.ROOT);
        return cloud.equals(line.cloud())
                && (device == null || device.equals(line.device()))
                && (product == null || product.equals(line.product()))
                && reach.includes(line.device(), line.product())
                && line.line().millis() >= from
                && line.line().millis() < to
                && line.line().level().compareTo(least) >= 0
                && (source == null || source.equals(line.line().source()))
                && texts.stream().allMatch(wanted -> text.contains(wanted.toLowerCase(Locale.ROOT)));
    }
}
