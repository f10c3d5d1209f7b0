package io.mooring.bridge.session;

import com.hivemq.extension.sdk.api.auth.PublishAuthorizer;
import com.hivemq.extension.sdk.api.auth.SubscriptionAuthorizer;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerOutput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerOutput;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import com.hivemq.extension.sdk.api.packets.subscribe.SubackReasonCode;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.util.Optional;

/**
 * What a device may subscribe. Publishing never gets here: the uplink takes what is allowed and
 * refuses the rest before the broker asks, so whatever is asked is denied.
 */
public final class DeviceAuthorizer implements SubscriptionAuthorizer, PublishAuthorizer {
    private final SessionDirectory sessions;
    private final RefusalAudit audit;
    private final int maxSubscriptions;

    public DeviceAuthorizer(SessionDirectory sessions, RefusalAudit audit, int maxSubscriptions) {
        this.sessions = sessions;
        this.audit = audit;
        this.maxSubscriptions = maxSubscriptions;
    }

    @Override
    public void authorizeSubscribe(SubscriptionAuthorizerInput input, SubscriptionAuthorizerOutput output) {
        String filter = input.getSubscription().getTopicFilter();
        Optional<DeviceSession> session = input.getConnectionInformation()
                .getConnectionAttributeStore()
                .getAsString(ConnectionAuthenticator.SESSION_ATTRIBUTE)
                .flatMap(sessions::find);
        if (session.isPresent()
                && DeviceTopics.maySubscribe(
                        session.get().device(), session.get().entry().account(), filter)) {
            if (!session.get().window().subscribe(filter, maxSubscriptions)) {
                refuse(input, output, session, SubackReasonCode.QUOTA_EXCEEDED, "too-many-subscriptions");
                return;
            }
            if (input.getSubscription().getQos() == Qos.AT_MOST_ONCE) {
                session.get().window().stopCounting();
            }
            output.authorizeSuccessfully();
            return;
        }
        refuse(input, output, session, SubackReasonCode.NOT_AUTHORIZED, "topic-not-allowed");
    }

    private void refuse(
            SubscriptionAuthorizerInput input,
            SubscriptionAuthorizerOutput output,
            Optional<DeviceSession> session,
            SubackReasonCode reason,
            String code) {
        audit.refused(
                RefusalAudit.Action.SUBSCRIBE,
                input.getClientInformation().getClientId(),
                session.map(DeviceSession::entry).orElse(null),
                code,
                input.getSubscription().getTopicFilter());
        output.failAuthorization(reason, code);
    }

    @Override
    public void authorizePublish(PublishAuthorizerInput input, PublishAuthorizerOutput output) {
        output.failAuthorization(AckReasonCode.NOT_AUTHORIZED);
    }
}
