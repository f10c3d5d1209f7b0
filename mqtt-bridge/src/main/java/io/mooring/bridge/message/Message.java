package io.mooring.bridge.message;

import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.publish.PayloadFormatIndicator;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import com.hivemq.extension.sdk.api.services.builder.PublishBuilder;
import com.hivemq.extension.sdk.api.services.builder.RetainedPublishBuilder;
import com.hivemq.extension.sdk.api.services.publish.Publish;
import com.hivemq.extension.sdk.api.services.publish.RetainedPublish;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * What one or many clients are to hear.
 *
 * @param topic MQTT's
 */
public record Message(String topic, byte[] payload, MessageProperties properties) {
    /** For the broker to deliver. */
    public Publish publish(Qos qos, Instant now) {
        return builder(topic, qos, now).build();
    }

    /** For the broker to deliver on another topic and with more user properties, which an interceptor takes off. */
    public Publish publish(String onTopic, Qos qos, Instant now, Map<String, String> own) {
        PublishBuilder builder = builder(onTopic, qos, now);
        own.forEach(builder::userProperty);
        return builder.build();
    }

    private PublishBuilder builder(String onTopic, Qos qos, Instant now) {
        PublishBuilder builder = Builders.publish().topic(onTopic).qos(qos).payload(ByteBuffer.wrap(payload));
        if (properties.expires() != null) {
            builder.messageExpiryInterval(secondsLeft(now));
        }
        if (properties.responseTopic() != null) {
            builder.responseTopic(properties.responseTopic());
        }
        if (properties.correlationData() != null) {
            builder.correlationData(ByteBuffer.wrap(properties.correlationData()));
        }
        if (properties.contentType() != null) {
            builder.contentType(properties.contentType());
        }
        if (properties.utf8()) {
            builder.payloadFormatIndicator(PayloadFormatIndicator.UTF_8);
        }
        for (MessageProperties.User property : properties.user()) {
            builder.userProperty(property.name(), property.value());
        }
        return builder;
    }

    /** For the broker to retain. */
    public RetainedPublish retained(Instant now) {
        RetainedPublishBuilder builder = Builders.retainedPublish().fromPublish(publish(properties.qos(), now));
        return builder.build();
    }

    /** MQTT counts expiry in whole seconds; the last one begins is counted. */
    private long secondsLeft(Instant now) {
        Instant expires = properties.expires();
        return expires == null
                ? 0
                : Math.max(1, Duration.between(now, expires).plusMillis(999).toSeconds());
    }
}
