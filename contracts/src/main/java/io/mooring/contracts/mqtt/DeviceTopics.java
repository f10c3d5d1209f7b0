package io.mooring.contracts.mqtt;

import java.util.Optional;

/**
 * What a device may publish and subscribe (device protocol, section 2). A device may publish below
 * its own {@code ioto/service/{id}/}, with or without the prefix of basic ingest, may hear what is
 * told to itself, its account and all of its cloud, and may use its own shadows and its own application topics
 * ({@link ApplicationTopics}). Everything else is
 * denied.
 */
public final class DeviceTopics {
    /** The prefix of "basic ingest": the same topics, told without a subscriber in mind. */
    public static final String BASIC_INGEST = "$aws/rules/IotoDevice/";

    /** The longest topic a device may use, in characters. */
    public static final int MAX_TOPIC_LENGTH = 256;

    /** Below {@code ioto/service/{id}/}: rows going up. */
    public static final String SYNC_UP = "db/syncToDynamo";

    /** Below {@code ioto/service/{id}/}: a device asks for what it missed. */
    public static final String SYNC_DOWN = "db/syncDown";

    /** Below {@code ioto/service/{id}/}: a metric's value. */
    public static final String METRIC_SET = "metric/set";

    /** Below {@code ioto/service/{id}/}: many points with their own times; below a receiver, what became of them. */
    public static final String METRIC_BATCH = "metric/batch";

    /** Below {@code ioto/service/{id}/}, and below a receiver for the answer: what a request for a metric begins with. */
    public static final String METRIC_GET = "metric/get/";

    /** Below {@code ioto/service/{id}/}: many lines of logs; below a receiver, what became of them. */
    public static final String LOG_BATCH = "log/batch";

    /** Below a receiver: acknowledges rows that came up. */
    public static final String SYNC_ACK = "sync/SYNC";

    /** Below a device: several rows in one message, for devices that said {@link #ROWS_FORM}. */
    public static final String SYNC_ROWS = "sync/ROWS";

    /** In {@code accepts} of {@link #SYNC_DOWN}: the device understands {@link #SYNC_ROWS}. */
    public static final String ROWS_FORM = "ROWS";

    /** Below a receiver: all that was missed has been sent. */
    public static final String SYNC_DOWN_DONE = "sync/SYNCDOWN";

    /** Below a receiver: the device was released; the payload is the time in ms as text. */
    public static final String RELEASE = "provision/release";

    /** What the topics of a device's shadows begin with, past {@code $aws/things/{id}/}. */
    static final String SHADOW = "shadow/";

    /** Stands for {@code $aws/things/{id}/} where a topic is told apart from its device. */
    static final String RESERVED = "$aws/";

    /** What the topics of all devices' shadows begin with. */
    static final String THINGS = RESERVED + "things/";

    private static final String SERVICE = "ioto/service/";
    private static final int MAX_LEVEL_LENGTH = 64;

    private DeviceTopics() {}

    /**
     * What a device tells the cloud: the topic past {@code ioto/service/{id}/}, such as {@code
     * db/syncToDynamo}, or the request to one of its shadows ({@link ShadowTopic#tail}). Empty if the
     * device may not publish there.
     */
    public static Optional<String> uplink(String deviceId, String topic) {
        if (topic.startsWith(THINGS)) {
            String own = thing(deviceId);
            return topic.length() <= MAX_TOPIC_LENGTH && topic.startsWith(own)
                    ? ShadowTopic.parse(RESERVED + topic.substring(own.length()))
                            .map(ShadowTopic::tail)
                    : Optional.empty();
        }
        int start = topic.startsWith(BASIC_INGEST) ? BASIC_INGEST.length() : 0;
        int idAt = start + SERVICE.length();
        int tailAt = idAt + deviceId.length() + 1;
        boolean own = topic.length() <= MAX_TOPIC_LENGTH
                && topic.length() > tailAt
                && topic.startsWith(SERVICE, start)
                && topic.startsWith(deviceId, idAt)
                && topic.charAt(tailAt - 1) == '/';
        return own ? Optional.of(topic.substring(tailAt)) : Optional.empty();
    }

    /** Whether an uplink, as {@link #uplink} gave it, is for sync. */
    public static boolean isSync(String uplink) {
        return uplink.equals(SYNC_UP) || uplink.equals(SYNC_DOWN);
    }

    /** Whether an uplink, as {@link #uplink} gave it, is of metrics. */
    public static boolean isMetric(String uplink) {
        return uplink.equals(METRIC_SET) || uplink.equals(METRIC_BATCH) || uplink.startsWith(METRIC_GET);
    }

    /** Whether an uplink, as {@link #uplink} gave it, is of logs. */
    public static boolean isLog(String uplink) {
        return uplink.equals(LOG_BATCH);
    }

    /** Whether a device of an account may subscribe to a topic filter. */
    public static boolean maySubscribe(String deviceId, String account, String filter) {
        if (filter.length() > MAX_TOPIC_LENGTH || filter.startsWith("$share/")) {
            return false;
        }
        return isBelow(filter, new Receiver.Device(deviceId).topic(""))
                || isBelow(filter, new Receiver.Everybody().topic(""))
                || (isLevel(account)
                        && !account.equals(Receiver.EVERYBODY)
                        && isBelow(filter, new Receiver.Account(account).topic("")))
                || isBelow(filter, thing(deviceId) + SHADOW)
                || ApplicationTopics.mayDeviceSubscribe(deviceId, filter);
    }

    /** Whether a topic is one of those that a device need not listen to, such as those of its shadows. */
    public static boolean isReserved(String topic) {
        return topic.startsWith(RESERVED);
    }

    /** The topic on which a device hears what is told past {@code $aws/}. */
    static String reserved(String deviceId, String tail) {
        return thing(deviceId) + tail.substring(RESERVED.length());
    }

    private static String thing(String deviceId) {
        return THINGS + deviceId + "/";
    }

    private static boolean isBelow(String filter, String base) {
        return filter.length() > base.length() && filter.startsWith(base);
    }

    /** Whether a name can stand as one level of a topic without meaning anything else. */
    public static boolean isLevel(String name) {
        if (name.isEmpty() || name.length() > MAX_LEVEL_LENGTH) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = (c >= 'A' && c <= 'Z')
                    || (c >= 'a' && c <= 'z')
                    || (c >= '0' && c <= '9')
                    || c == '_'
                    || c == '-'
                    || c == '.';
            if (!plain) {
                return false;
            }
        }
        return true;
    }

    static void requireLevel(String name) {
        if (!isLevel(name)) {
            throw new IllegalArgumentException("an id must be 1 to 64 of A-Z a-z 0-9 _ . -");
        }
    }
}
