package io.mooring.contracts.kafka;

/**
 * The headers of a record: CloudEvents 1.0 in Kafka's binary mode (CloudEvents Kafka protocol
 * binding, section 3.2). Values are UTF-8 text.
 */
public final class EventHeaders {
    /** Always {@link #SPEC_VERSION_1_0}. */
    public static final String SPEC_VERSION = "ce_specversion";

    public static final String SPEC_VERSION_1_0 = "1.0";

    /** Unique among the events of one source; consumers know a repeated event by it. */
    public static final String ID = "ce_id";

    /** Who says so: {@code /clouds/{cloud}/devices/{id}} or {@code /services/{name}}. */
    public static final String SOURCE = "ce_source";

    /** What kind of event, see {@link EventTypes}. */
    public static final String TYPE = "ce_type";

    /**
     * What it is about. Uplink: the MQTT topic past {@code ioto/service/{id}/}, such as {@code
     * db/syncToDynamo}. Downlink: the receiver, see {@link io.mooring.contracts.mqtt.Receiver}.
     */
    public static final String SUBJECT = "ce_subject";

    /** When it happened, RFC 3339. Absent on uplink, where the record's own time says it. */
    public static final String TIME = "ce_time";

    /** The media type of the value. Absent on uplink: a device's payload is passed on unread. */
    public static final String CONTENT_TYPE = "content-type";

    /** The device cloud (tenant). */
    public static final String CLOUD = "ce_cloud";

    /** The account that owns the device. */
    public static final String ACCOUNT = "ce_account";

    /** Downlink: the MQTT topic past the receiver's own part, such as {@code sync/MODIFY}. */
    public static final String TOPIC = "ce_topic";

    /** Dead letters: the machine-readable code of what was wrong. */
    public static final String ERROR_CODE = "error-code";

    /** Dead letters: what was wrong, for people. */
    public static final String ERROR_DETAIL = "error-detail";

    /** Dead letters: {@code topic/partition/offset} the record came from. */
    public static final String ERROR_ORIGIN = "error-origin";

    private EventHeaders() {}
}
