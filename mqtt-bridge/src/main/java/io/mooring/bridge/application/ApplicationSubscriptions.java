package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.PublishAuthorizer;
import com.hivemq.extension.sdk.api.auth.SubscriptionAuthorizer;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerOutput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerOutput;
import com.hivemq.extension.sdk.api.interceptor.subscribe.parameter.SubscribeInboundOutput;
import com.hivemq.extension.sdk.api.interceptor.unsubscribe.parameter.UnsubscribeInboundOutput;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import com.hivemq.extension.sdk.api.packets.subscribe.ModifiableSubscription;
import com.hivemq.extension.sdk.api.packets.subscribe.SubackReasonCode;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.contracts.mqtt.ApplicationTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What applications subscribe. A shared subscription is given to the broker as one on topics of our own
 * ({@link ShareName}) before anybody looks whether it is allowed; the application never sees those.
 */
final class ApplicationSubscriptions implements SubscriptionAuthorizer, PublishAuthorizer {
    /** How long a subscriber waits for its group to have a place in Kafka, from which nothing is missed. */
    private static final Duration JOIN_PATIENCE = Duration.ofSeconds(10);

    private static final String NOT_ALLOWED = "topic-not-allowed";
    /** Begins no topic that may be subscribed. */
    private static final String NOBODYS = "nobody/";

    private final Applications applications;
    private final ApplicationSessions sessions;
    private final ShareGroups groups;
    private final RefusalAudit audit;
    private final int maxSubscriptions;

    ApplicationSubscriptions(
            Applications applications,
            ApplicationSessions sessions,
            ShareGroups groups,
            RefusalAudit audit,
            int maxSubscriptions) {
        this.applications = applications;
        this.sessions = sessions;
        this.groups = groups;
        this.audit = audit;
        this.maxSubscriptions = maxSubscriptions;
    }

    /** A client subscribes. */
    void subscribing(ApplicationSession session, SubscribeInboundOutput output) {
        List<CompletableFuture<Void>> joined = new ArrayList<>();
        for (ModifiableSubscription one : output.getSubscribePacket().getSubscriptions()) {
            String filter = brokerFilter(session, one.getTopicFilter());
            if (!filter.equals(one.getTopicFilter())) {
                one.setTopicFilter(filter);
            }
            ShareName.parse(filter)
                    .filter(name -> refusal(session, filter).isEmpty())
                    .ifPresent(name -> joined.add(groups.prepare(name)));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(joined.toArray(CompletableFuture[]::new));
        if (!all.isDone()) {
            Async<SubscribeInboundOutput> later = output.async(JOIN_PATIENCE, TimeoutFallback.SUCCESS);
            var unused = all.whenComplete((done, failure) -> later.resume());
        }
    }

    /** A client takes subscriptions back. */
    void unsubscribing(ApplicationSession session, UnsubscribeInboundOutput output) {
        List<String> filters = output.getUnsubscribePacket().getTopicFilters().stream()
                .map(filter -> brokerFilter(session, filter))
                .toList();
        output.getUnsubscribePacket().setTopicFilters(filters);
        for (String filter : filters) {
            session.subscriber().unsubscribe(filter);
            ShareName.parse(filter).ifPresent(name -> groups.leave(name, session));
        }
    }

    private static String brokerFilter(ApplicationSession session, String filter) {
        if (ShareName.isShared(filter)) {
            return NOBODYS + filter;
        }
        Optional<ApplicationTopics.Subscription> parts = ApplicationTopics.subscription(filter);
        return parts.filter(ApplicationTopics.Subscription::isShared)
                .map(shared -> new ShareName(session.application(), shared.share(), shared.filter()).brokerFilter())
                .orElse(filter);
    }

    /** Why a subscription is refused, by code; empty if it is not. */
    private Optional<String> refusal(ApplicationSession session, String brokerFilter) {
        Optional<Application> application = applications.find(session.application());
        Optional<ShareName> share = ShareName.parse(brokerFilter);
        String filter = share.map(ShareName::filter).orElse(brokerFilter);
        Subscriber subscriber = session.subscriber();
        if (application.isEmpty()
                || !ApplicationTopics.maySubscribe(session.application(), filter)
                || share.isPresent() && !filter.startsWith(ApplicationTopics.DATA)) {
            return Optional.of(NOT_ALLOWED);
        }
        if (filter.startsWith(ApplicationTopics.DATA) && !application.get().may(Application.Right.SUBSCRIBE)) {
            return Optional.of("right-missing");
        }
        if (ApplicationTopics.isOfShadows(filter) && !application.get().may(Application.Right.READ)) {
            return Optional.of("right-missing");
        }
        boolean isNew = !subscriber.isSubscribed(brokerFilter);
        if (isNew && subscriber.subscriptions() >= maxSubscriptions) {
            return Optional.of("too-many-subscriptions");
        }
        return share.isPresent() && !groups.hasRoom(share.get())
                ? Optional.of("too-many-shared-subscriptions")
                : Optional.empty();
    }

    @Override
    public void authorizeSubscribe(SubscriptionAuthorizerInput input, SubscriptionAuthorizerOutput output) {
        String filter = input.getSubscription().getTopicFilter();
        Optional<ApplicationSession> session = sessions.of(input.getConnectionInformation());
        Optional<String> refusal = session.isEmpty() ? Optional.of(NOT_ALLOWED) : refusal(session.get(), filter);
        if (session.isPresent() && refusal.isEmpty()) {
            Qos qos = input.getSubscription().getQos();
            session.get().subscriber().subscribe(filter, qos);
            ShareName.parse(filter).ifPresent(name -> groups.join(name, session.get(), qos));
            output.authorizeSuccessfully();
            return;
        }
        String code = refusal.orElse(NOT_ALLOWED);
        session.ifPresent(one -> audit.refusedApplication(
                RefusalAudit.Action.SUBSCRIBE,
                one.application(),
                applications.find(one.application()).map(Application::cloud).orElse(null),
                code,
                filter));
        output.failAuthorization(
                code.startsWith("too-many") ? SubackReasonCode.QUOTA_EXCEEDED : SubackReasonCode.NOT_AUTHORIZED, code);
    }

    /** Never gets here: the interceptor takes what is allowed and refuses the rest before the broker asks. */
    @Override
    public void authorizePublish(PublishAuthorizerInput input, PublishAuthorizerOutput output) {
        output.failAuthorization(AckReasonCode.NOT_AUTHORIZED);
    }
}
