package io.mooring.contracts.kafka;

/** The values of {@link EventHeaders#TYPE}. */
public final class EventTypes {
    /** A device told the cloud something. */
    public static final String DEVICE_UPLINK = "io.mooring.device.uplink";

    /** The cloud tells a device, an account's devices, or all of a cloud. */
    public static final String DEVICE_DOWNLINK = "io.mooring.device.downlink";

    public static final String DEVICE_CONNECTED = "io.mooring.device.connected";
    public static final String DEVICE_DISCONNECTED = "io.mooring.device.disconnected";

    /** Who may connect with which certificate, see docs/asyncapi.yaml. */
    public static final String DEVICE_REGISTRY = "io.mooring.device.registry";

    public static final String DEVICE_REGISTERED = "io.mooring.device.registered";
    public static final String DEVICE_CLAIMED = "io.mooring.device.claimed";
    public static final String DEVICE_PROVISIONED = "io.mooring.device.provisioned";
    public static final String DEVICE_TRANSFERRED = "io.mooring.device.transferred";
    public static final String DEVICE_RELEASED = "io.mooring.device.released";
    public static final String DEVICE_BLOCKED = "io.mooring.device.blocked";
    public static final String DEVICE_UNBLOCKED = "io.mooring.device.unblocked";
    public static final String DEVICE_DELETED = "io.mooring.device.deleted";

    public static final String CERTIFICATE_ISSUED = "io.mooring.certificate.issued";
    public static final String CERTIFICATE_REVOKED = "io.mooring.certificate.revoked";

    /** A row of a cloud's table was written. */
    public static final String ROW_CHANGED = "io.mooring.row.changed";

    /** A row of a cloud's table was removed. */
    public static final String ROW_REMOVED = "io.mooring.row.removed";

    /** Something was done, or refused. */
    public static final String AUDIT = "io.mooring.audit";

    /** A digest of the audit trail was signed and stored. */
    public static final String AUDIT_DIGEST = "io.mooring.audit.digest";

    /** A device told applications something. */
    public static final String APPLICATION_UPLINK = "io.mooring.application.uplink";

    /** An application tells a device something. */
    public static final String APPLICATION_DOWNLINK = "io.mooring.application.downlink";

    /** The last value of an application topic. */
    public static final String APPLICATION_RETAINED = "io.mooring.application.retained";

    /** An application asks the cloud something over MQTT. */
    public static final String APPLICATION_REQUEST = "io.mooring.application.request";

    /** The cloud tells an application something over MQTT. */
    public static final String APPLICATION_MESSAGE = "io.mooring.application.message";

    /** A shadow was made or changed. */
    public static final String SHADOW_UPDATED = "io.mooring.shadow.updated";

    /** A shadow is gone. */
    public static final String SHADOW_DELETED = "io.mooring.shadow.deleted";

    /** A device acknowledged what it was told. */
    public static final String DEVICE_RECEIPT = "io.mooring.device.receipt";

    /** A broker node is there, or leaves. */
    public static final String BROKER_NODE = "io.mooring.broker.node";

    /** A command's state changed for a device, see docs/asyncapi.yaml. */
    public static final String COMMAND_CHANGED = "io.mooring.command.changed";

    /** What an application is and may. */
    public static final String APPLICATION_REGISTRY = "io.mooring.application.registry";

    /** Which application topics the devices of a product have. */
    public static final String APPLICATION_TOPICS = "io.mooring.application.topics";

    /** Whether a device is connected, and where. */
    public static final String PRESENCE_STATE = "io.mooring.device.presence";

    private EventTypes() {}
}
