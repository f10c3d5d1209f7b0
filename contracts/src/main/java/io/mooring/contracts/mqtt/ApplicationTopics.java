package io.mooring.contracts.mqtt;

import java.util.Optional;

/**
 * The MQTT topics of applications. {@code app/{deviceId}/…} carries data between devices and applications, on the
 * patterns that are declared for the device's product; {@code application/{id}/…} is between one application and the
 * cloud. A shared subscription (MQTT 5, section 4.8.2) makes several connections of one application into workers.
 */
public final class ApplicationTopics {
    /** What all data topics begin with. */
    public static final String DATA = "app/";

    /** What all topics between an application and the cloud begin with. */
    public static final String OWN = "application/";

    /** Below {@code application/{id}/}: what an application asks the cloud. */
    public static final String REQUEST = "request/";

    private static final String SHARE = "$share/";

    /**
     * A data topic, or a filter of such.
     *
     * @param device the device's id; {@code +} in a filter of all
     * @param tail what is past it; in a filter it may hold wildcards
     */
    public record Data(String device, String tail) {
        /** The whole topic. */
        public String topic() {
            return ApplicationTopics.data(device, tail);
        }
    }

    /**
     * A subscription's filter, taken apart.
     *
     * @param share the name of the group of workers; empty if it is not shared
     * @param filter the topic filter proper
     */
    public record Subscription(String share, String filter) {
        /** Whether it is shared. */
        public boolean isShared() {
            return !share.isEmpty();
        }
    }

    /** A request to a device's shadow. */
    public record Shadow(String device, ShadowTopic topic) {}

    private ApplicationTopics() {}

    /** The data topic of a device. */
    public static String data(String device, String tail) {
        return DATA + device + "/" + tail;
    }

    /** The topic on which an application hears {@code tail} from the cloud. */
    public static String own(String application, String tail) {
        return OWN + application + "/" + tail;
    }

    /** Reads a data topic; empty if it is none. */
    public static Optional<Data> parse(String topic) {
        int slash = topic.indexOf('/', DATA.length());
        if (!topic.startsWith(DATA) || slash < 0 || topic.length() > DeviceTopics.MAX_TOPIC_LENGTH) {
            return Optional.empty();
        }
        String device = topic.substring(DATA.length(), slash);
        String tail = topic.substring(slash + 1);
        return DeviceTopics.isLevel(device) && TopicFilter.isTopic(tail)
                ? Optional.of(new Data(device, tail))
                : Optional.empty();
    }

    /** Takes a subscription's filter apart; empty if it is none of a shared subscription's form where it claims to be. */
    public static Optional<Subscription> subscription(String filter) {
        if (!filter.startsWith(SHARE)) {
            return Optional.of(new Subscription("", filter));
        }
        int slash = filter.indexOf('/', SHARE.length());
        if (slash < 0
                || slash + 1 == filter.length()
                || !DeviceTopics.isLevel(filter.substring(SHARE.length(), slash))) {
            return Optional.empty();
        }
        return Optional.of(new Subscription(filter.substring(SHARE.length(), slash), filter.substring(slash + 1)));
    }

    /**
     * Whether an application may subscribe to a filter (without its shared part): data topics and shadows', of which it
     * hears only those of devices in its scope, and what the cloud tells itself.
     */
    public static boolean maySubscribe(String application, String filter) {
        if (filter.length() > DeviceTopics.MAX_TOPIC_LENGTH || !TopicFilter.isValid(filter)) {
            return false;
        }
        return isBelow(filter, DATA) || isBelow(filter, own(application, "")) || isOfShadows(filter);
    }

    /** Whether a topic or filter is one of shadows: {@code $aws/things/{id}/shadow/…}, {@code +} for all devices. */
    public static boolean isOfShadows(String filter) {
        if (!filter.startsWith(DeviceTopics.THINGS)) {
            return false;
        }
        int slash = filter.indexOf('/', DeviceTopics.THINGS.length());
        if (slash < 0) {
            return false;
        }
        String device = filter.substring(DeviceTopics.THINGS.length(), slash);
        return (device.equals("+") || DeviceTopics.isLevel(device))
                && isBelow(filter.substring(slash + 1), DeviceTopics.SHADOW);
    }

    /** Reads the topic of a request to a device's shadow; empty if it is none. */
    public static Optional<Shadow> shadow(String topic) {
        if (!isOfShadows(topic)) {
            return Optional.empty();
        }
        String device = topic.substring(DeviceTopics.THINGS.length(), topic.indexOf('/', DeviceTopics.THINGS.length()));
        return DeviceTopics.isLevel(device)
                ? DeviceTopics.uplink(device, topic)
                        .flatMap(ShadowTopic::parse)
                        .map(shadow -> new Shadow(device, shadow))
                : Optional.empty();
    }

    /** Whether a device may subscribe to a filter: its own data topics. */
    public static boolean mayDeviceSubscribe(String device, String filter) {
        return isBelow(filter, data(device, "")) && TopicFilter.isValid(filter);
    }

    private static boolean isBelow(String filter, String base) {
        return filter.length() > base.length() && filter.startsWith(base);
    }
}
