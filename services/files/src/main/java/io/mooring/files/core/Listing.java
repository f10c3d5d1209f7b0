package io.mooring.files.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What {@code ListObjectsV2} shows of a set of keys. */
public final class Listing {
    /** The most keys in one answer. */
    public static final int MOST = 1000;

    /** The order of keys: that of their bytes in UTF-8. */
    public static final Comparator<String> ORDER =
            Comparator.comparing(key -> key.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    private Listing() {}

    /**
     * What is asked for.
     *
     * @param prefix of the whole key
     * @param delimiter keys that have it past the prefix are shown as one common prefix; empty for none
     * @param startAfter only keys after this one; empty for all
     * @param token where the answer before this one ended; empty for the beginning
     * @param most at most so many keys and common prefixes
     */
    public record Query(String prefix, String delimiter, String startAfter, String token, int most) {}

    /**
     * One answer.
     *
     * @param nextToken where to go on, if there is more
     */
    public record Page<T>(List<T> objects, List<String> commonPrefixes, Optional<String> nextToken) {}

    /**
     * One page of keys.
     *
     * @param keys in their order
     * @throws Refused if the token is not one of ours
     */
    public static Page<String> of(List<String> keys, Query query) throws Refused {
        String after = max(query.startAfter(), read(query.token()));
        List<String> objects = new ArrayList<>();
        List<String> prefixes = new ArrayList<>();
        String last = "";
        for (String key : keys) {
            String prefix = commonPrefix(key, query);
            String shown = prefix.isEmpty() ? key : prefix;
            boolean wanted = key.startsWith(query.prefix()) && ORDER.compare(shown, after) > 0;
            if (!wanted || shown.equals(last)) {
                continue;
            }
            if (objects.size() + prefixes.size() == query.most()) {
                return new Page<>(objects, prefixes, query.most() == 0 ? Optional.empty() : Optional.of(write(last)));
            }
            (prefix.isEmpty() ? objects : prefixes).add(shown);
            last = shown;
        }
        return new Page<>(objects, prefixes, Optional.empty());
    }

    private static String commonPrefix(String key, Query query) {
        if (query.delimiter().isEmpty() || !key.startsWith(query.prefix())) {
            return "";
        }
        int end = key.indexOf(query.delimiter(), query.prefix().length());
        return end < 0 ? "" : key.substring(0, end + query.delimiter().length());
    }

    private static String max(String one, String other) {
        return ORDER.compare(one, other) >= 0 ? one : other;
    }

    private static String write(String last) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(last.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(String token) throws Refused {
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Refused(S3Error.INVALID_ARGUMENT, "the continuation token is not one of this cloud");
        }
    }
}
