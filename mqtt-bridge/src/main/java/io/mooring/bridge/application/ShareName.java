package io.mooring.bridge.application;

import java.util.Optional;

/**
 * A shared subscription. The broker has it as an ordinary one, on topics of our own: {@code
 * share/{application}/{group}/} and the real topic. So it is the bridge that chooses the worker for each message, and
 * groups of the same name of two applications have nothing in common.
 *
 * @param group the name the application gave
 * @param filter which topics
 */
record ShareName(String application, String group, String filter) {
    private static final String PREFIX = "share/";

    static boolean isShared(String brokerTopic) {
        return brokerTopic.startsWith(PREFIX);
    }

    /** Reads what {@link #brokerFilter} made. */
    static Optional<ShareName> parse(String brokerFilter) {
        String[] parts = brokerFilter.split("/", 4);
        return isShared(brokerFilter) && parts.length == 4
                ? Optional.of(new ShareName(parts[1], parts[2], parts[3]))
                : Optional.empty();
    }

    /** The real topic of a message that the broker has on a topic of ours. */
    static String realTopic(String brokerTopic) {
        return brokerTopic.split("/", 4)[3];
    }

    /** The filter in the broker's tree of subscriptions. */
    String brokerFilter() {
        return brokerTopic(filter);
    }

    /** The topic that the broker is given a message on. */
    String brokerTopic(String topic) {
        return PREFIX + application + "/" + group + "/" + topic;
    }
}
