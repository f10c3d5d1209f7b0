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
     * db/syncToDynamo}; of a request to a shadow, {@link io.mooring.contracts.mqtt.ShadowTopic#tail}. Downlink: the receiver, see {@link io.mooring.contracts.mqtt.Receiver}.
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

    /**
     * Downlink to one device: asks for a receipt. An opaque text, said again in the event on {@code device.receipt.v1}
     * when the device acknowledges the message.
     */
    public static final String RECEIPT = "ce_receipt";

    /** Application data: the application that said it. */
    public static final String APPLICATION = "ce_application";

    /** Application data: the MQTT quality of service it was published with, {@code 0} or {@code 1}; absent is 1. */
    public static final String QOS = "ce_qos";

    /** Application data: {@code true} if the value is to be retained (MQTT 5, section 3.3.1.3). */
    public static final String RETAIN = "ce_retain";

    /** When the message is worth nothing any more, RFC 3339; from MQTT 5's message expiry interval. */
    public static final String EXPIRES = "ce_expires";

    /** MQTT 5's response topic (section 3.3.2.3.5). */
    public static final String RESPONSE_TOPIC = "ce_responsetopic";

    /** MQTT 5's correlation data (section 3.3.2.3.6), in base64. */
    public static final String CORRELATION_DATA = "ce_correlationdata";

    /** MQTT 5's user properties (section 3.3.2.3.7), in order: a JSON array of arrays of name and value. */
    public static final String USER_PROPERTIES = "ce_userproperties";

    /** MQTT 5's payload format indicator (section 3.3.2.3.2): {@code utf-8} if the payload is said to be text. */
    public static final String PAYLOAD_FORMAT = "ce_payloadformat";

    /**
     * Downlink to an account or to everybody: devices that are not to hear it, such as the one whose write it
     * tells of. Their ids, with commas between them.
     */
    public static final String EXCEPT = "ce_except";

    /**
     * Which trace the event belongs to, if that is recorded: see {@link io.mooring.contracts.trace.TraceContext}. The
     * attribute {@code traceparent} of CloudEvents' Distributed Tracing extension. Absent otherwise.
     */
    public static final String TRACE_PARENT = "ce_traceparent";

    /** Dead letters: the machine-readable code of what was wrong. */
    public static final String ERROR_CODE = "error-code";

    /** Dead letters: what was wrong, for people. */
    public static final String ERROR_DETAIL = "error-detail";

    /** Dead letters: {@code topic/partition/offset} the record came from. */
    public static final String ERROR_ORIGIN = "error-origin";

    private EventHeaders() {}
}
