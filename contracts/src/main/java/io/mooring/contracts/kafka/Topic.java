package io.mooring.contracts.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A topic of the public API. Names are {@code <prefix>.<domain>.<noun>.v1}; the prefix is chosen by
 * whoever runs the cloud. See docs/asyncapi.yaml for what the records hold.
 *
 * @param domain what it belongs to
 * @param noun what one record is
 * @param version rises when a consumer would have to change
 * @param partitions at first start; may be raised later where order is kept per key
 * @param compacted whether the last record of each key is kept for ever, instead of a time
 * @param retention how long records are kept when not compacted
 */
public record Topic(String domain, String noun, int version, int partitions, boolean compacted, Duration retention) {
    /** The prefix of topics where none is configured. */
    public static final String DEFAULT_PREFIX = "mooring";

    private static final Duration WEEK = Duration.ofDays(7);

    /** Sync messages of devices, as they sent them. Key: device id. */
    public static final Topic SYNC_UPLINK = events("sync", "uplink", 12);

    /** Everything else devices tell the cloud, as they sent it. Key: device id. */
    public static final Topic DEVICE_UPLINK = events("device", "uplink", 12);

    /** What devices tell and ask of their metrics, as they sent it. Key: device id. */
    public static final Topic METRIC_UPLINK = events("metric", "uplink", 12);

    /** Lines of devices' logs, in batches, as they sent them. Key: device id. */
    public static final Topic LOG_UPLINK = events("log", "uplink", 12);

    /** What the cloud tells devices. Key: device id, account id, or {@code all}. */
    public static final Topic DEVICE_DOWNLINK = events("device", "downlink", 12);

    /** Devices connecting to and leaving a broker node. Key: device id. */
    public static final Topic DEVICE_PRESENCE = events("device", "presence", 12);

    /** What became of devices: registered, claimed, provisioned, released. Key: device id. */
    public static final Topic DEVICE_EVENT = events("device", "event", 12);

    /** Who may connect, the last word for each device. Key: device id. */
    public static final Topic DEVICE_REGISTRY = state("device", "registry", 12);

    /** Certificates issued and revoked. Key: device id, or the name of a server. */
    public static final Topic CERTIFICATE_EVENT = events("certificate", "event", 3);

    /** Every change of every synchronised table, in commit order: therefore one partition. */
    public static final Topic DATABASE_CHANGE = events("database", "change", 1);

    /** What was done and refused, for the audit trail. Key: the source. */
    public static final Topic AUDIT_EVENT = events("audit", "event", 3);

    /** The head of the audit trail after each digest. Key: the digest's object. */
    public static final Topic AUDIT_DIGEST = state("audit", "digest", 1);

    /** What devices tell applications on application topics. Key: device id. */
    public static final Topic APPLICATION_UPLINK = events("application", "uplink", 12);

    /** What applications tell devices on application topics. Key: device id. */
    public static final Topic APPLICATION_DOWNLINK = events("application", "downlink", 12);

    /** The retained value of each application topic that has one. Key: the MQTT topic. */
    public static final Topic APPLICATION_RETAINED = new Topic("application", "retained", 1, 12, true, WEEK);

    /** What applications ask the cloud over MQTT. Key: application id. */
    public static final Topic APPLICATION_REQUEST = events("application", "request", 12);

    /** What the cloud tells applications over MQTT. Key: application id. */
    public static final Topic APPLICATION_MESSAGE = events("application", "message", 12);

    /** What changed in devices' shadows. Key: device id. */
    public static final Topic SHADOW_EVENT = events("shadow", "event", 12);

    /** Devices' own acknowledgements of what they were told, where they were asked for. Key: device id. */
    public static final Topic DEVICE_RECEIPT = events("device", "receipt", 12);

    /** The broker nodes: a sign of life from each every few seconds. Key: node. */
    public static final Topic BROKER_NODE = new Topic("broker", "node", 1, 1, true, WEEK);

    /** Every change of a command's state, for each device it is for. Key: device id. */
    public static final Topic COMMAND_EVENT = events("command", "event", 12);

    /** Applications, how they prove who they are, and what they may: the last word for each. Key: application id. */
    public static final Topic APPLICATION_REGISTRY = state("application", "registry", 3);

    /** Which application topics a product's devices have. Key: {@code cloud/product}. */
    public static final Topic APPLICATION_TOPIC = state("application", "topic", 3);

    /** Which devices are connected, and where: the last word for each. Key: device id. */
    public static final Topic PRESENCE_STATE = state("device", "presence.state", 12);

    /** All topics, without their dead letters. */
    public static final List<Topic> ALL = List.of(
            SYNC_UPLINK,
            DEVICE_UPLINK,
            METRIC_UPLINK,
            LOG_UPLINK,
            DEVICE_DOWNLINK,
            DEVICE_PRESENCE,
            DEVICE_EVENT,
            DEVICE_REGISTRY,
            CERTIFICATE_EVENT,
            DATABASE_CHANGE,
            AUDIT_EVENT,
            AUDIT_DIGEST,
            APPLICATION_UPLINK,
            APPLICATION_DOWNLINK,
            APPLICATION_RETAINED,
            APPLICATION_REQUEST,
            APPLICATION_MESSAGE,
            SHADOW_EVENT,
            DEVICE_RECEIPT,
            BROKER_NODE,
            COMMAND_EVENT,
            APPLICATION_REGISTRY,
            APPLICATION_TOPIC,
            PRESENCE_STATE);

    public Topic {
        Objects.requireNonNull(domain, "domain");
        Objects.requireNonNull(noun, "noun");
        Objects.requireNonNull(retention, "retention");
    }

    private static Topic events(String domain, String noun, int partitions) {
        return new Topic(domain, noun, 1, partitions, false, WEEK);
    }

    private static Topic state(String domain, String noun, int partitions) {
        return new Topic(domain, noun, 1, partitions, true, WEEK);
    }

    /** The topic's name under a prefix, such as {@code mooring.sync.uplink.v1}. */
    public String name(String prefix) {
        return prefix + "." + domain + "." + noun + ".v" + version;
    }

    /** Where records of this topic go that could not be understood, with the error in their headers. */
    public String deadLetterName(String prefix) {
        return name(prefix) + ".dlq";
    }
}
