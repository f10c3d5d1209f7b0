package io.mooring.contracts.mqtt;

/** MQTT topic filters (MQTT 5, section 4.7). */
public final class TopicFilter {
    private TopicFilter() {}

    /** Whether a filter's wildcards stand where they may, and none of its levels is empty. */
    public static boolean isValid(String filter) {
        return !filter.isEmpty() && wildcardsStandAlone(filter) && !hasEmptyLevel(filter);
    }

    /** Whether a topic can be published to as it is: no wildcard, no empty level, no control character. */
    public static boolean isTopic(String topic) {
        return !topic.isEmpty()
                && topic.chars().noneMatch(c -> c == '#' || c == '+' || c < ' ' || c == 0x7f)
                && !hasEmptyLevel(topic);
    }

    private static boolean hasEmptyLevel(String text) {
        return text.startsWith("/") || text.endsWith("/") || text.contains("//");
    }

    private static boolean wildcardsStandAlone(String filter) {
        for (int i = 0; i < filter.length(); i++) {
            char c = filter.charAt(i);
            boolean begins = i == 0 || filter.charAt(i - 1) == '/';
            boolean ends = i + 1 == filter.length();
            boolean wrong = c == '#' && !(begins && ends)
                    || c == '+' && !(begins && (ends || filter.charAt(i + 1) == '/'))
                    || c < ' '
                    || c == 0x7f;
            if (wrong) {
                return false;
            }
        }
        return true;
    }

    /** Whether a valid filter matches a topic. */
    public static boolean matches(String filter, String topic) {
        int f = 0;
        int t = 0;
        while (f < filter.length()) {
            char c = filter.charAt(f);
            if (c == '#') {
                return true;
            }
            if (c == '+') {
                while (t < topic.length() && topic.charAt(t) != '/') {
                    t++;
                }
                f++;
            } else if (t < topic.length() && topic.charAt(t) == c) {
                f++;
                t++;
            } else {
                // "a/#" matches "a" as well.
                return t == topic.length() && filter.length() == f + 2 && filter.endsWith("/#");
            }
        }
        return t == topic.length();
    }
}
