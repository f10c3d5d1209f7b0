package io.mooring.bridge.ack;

import com.hivemq.extension.sdk.api.client.parameter.ConnectionAttributeStore;
import com.hivemq.extension.sdk.api.client.parameter.ServerInformation;
import io.netty.channel.Channel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only place that knows the broker from inside: how to come from the SDK to a client's channel,
 * and how its PUBACKs look. None of it is public, so it is used with broker versions it was tested
 * with, and only if all of it is found.
 */
final class BrokerInternals {
    /** How the broker's PUBACK messages look. */
    static final class PubackForm {
        private final Class<?> puback;
        private final MethodHandle packetId;
        private final MethodHandle reason;
        private final MethodHandle construct;
        private final Object success;
        private final Object refused;
        private final Object noProperties;

        private PubackForm(ClassLoader loader) throws ReflectiveOperationException {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            puback = loader.loadClass("com.hivemq.mqtt.message.puback.PUBACK");
            Class<?> reasons = loader.loadClass("com.hivemq.mqtt.message.reason.Mqtt5PubAckReasonCode");
            Class<?> properties = loader.loadClass("com.hivemq.mqtt.message.mqtt5.Mqtt5UserProperties");
            packetId = lookup.findVirtual(puback, "getPacketIdentifier", MethodType.methodType(int.class))
                    .asType(MethodType.methodType(int.class, Object.class));
            reason = lookup.findVirtual(puback, "getReasonCode", MethodType.methodType(reasons))
                    .asType(MethodType.methodType(Object.class, Object.class));
            construct = lookup.findConstructor(
                            puback, MethodType.methodType(void.class, int.class, reasons, String.class, properties))
                    .asType(MethodType.methodType(Object.class, int.class, Object.class, String.class, Object.class));
            success = reasons.getField("SUCCESS").get(null);
            refused = reasons.getField("UNSPECIFIED_ERROR").get(null);
            noProperties = properties.getField("NO_USER_PROPERTIES").get(null);
        }

        boolean isPuback(Object message) {
            return message.getClass() == puback;
        }

        int packetId(Object message) {
            try {
                return (int) packetId.invokeExact(message);
            } catch (Throwable impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        boolean isSuccess(Object message) {
            try {
                return (Object) reason.invokeExact(message) == success;
            } catch (Throwable impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        /** A PUBACK that tells an MQTT 5 client that its message was not taken. */
        Object refusal(int id) {
            try {
                return (Object) construct.invokeExact(id, refused, "kafka-unavailable", noProperties);
            } catch (Throwable impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    /** Where in the channel PUBACKs come by before they are encoded. */
    static final String BEFORE_ENCODING = "mqtt_message_encoder";

    private static final Logger LOG = LoggerFactory.getLogger(BrokerInternals.class);
    private static final Set<String> TESTED_VERSIONS = Set.of("2025.5");

    private final PubackForm form;
    private final Field channel;

    private BrokerInternals(ClassLoader loader) throws ReflectiveOperationException {
        form = new PubackForm(loader);
        channel = loader.loadClass("com.hivemq.extensions.client.parameter.ConnectionAttributeStoreImpl")
                .getDeclaredField("channel");
        if (channel.getType() != Channel.class) {
            throw new NoSuchFieldException("the channel is a " + channel.getType());
        }
        channel.setAccessible(true);
    }

    /** Looks into the broker; empty if it is not one that is known. */
    static Optional<BrokerInternals> of(ServerInformation server) {
        String version = version(server);
        if (!TESTED_VERSIONS.contains(version)) {
            LOG.warn("acknowledgements are held by the SDK alone: this bridge was not tested with broker {}", version);
            return Optional.empty();
        }
        try {
            return Optional.of(new BrokerInternals(server.getClass().getClassLoader()));
        } catch (ReflectiveOperationException | RuntimeException | LinkageError other) {
            LOG.warn("acknowledgements are held by the SDK alone: the broker is not as expected: {}", other.toString());
            return Optional.empty();
        }
    }

    /** The jar's: an embedded broker calls itself a snapshot, whatever version it is. */
    private static String version(ServerInformation server) {
        Package home = server.getClass().getPackage();
        String version = home == null ? null : home.getImplementationVersion();
        return version == null ? server.getVersion() : version;
    }

    PubackForm form() {
        return form;
    }

    /** The channel of a client; empty if it has none where PUBACKs come by. */
    Optional<Channel> channel(ConnectionAttributeStore attributes) {
        try {
            Channel found = (Channel) channel.get(attributes);
            return found != null && found.pipeline().get(BEFORE_ENCODING) != null
                    ? Optional.of(found)
                    : Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException other) {
            LOG.debug("no channel", other);
            return Optional.empty();
        }
    }
}
