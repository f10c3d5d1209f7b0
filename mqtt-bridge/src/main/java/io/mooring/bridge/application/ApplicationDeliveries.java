package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.interceptor.puback.PubackInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.puback.parameter.PubackInboundInput;
import com.hivemq.extension.sdk.api.interceptor.puback.parameter.PubackInboundOutput;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishOutboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishOutboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishOutboundOutput;
import com.hivemq.extension.sdk.api.packets.publish.ModifiableOutboundPublish;
import io.mooring.bridge.registry.DeviceRegistry;
import io.mooring.contracts.mqtt.ApplicationTopics;
import java.util.Optional;

/**
 * What goes out to one connection of an application, and what it acknowledges. Here the broker's topics of shared
 * subscriptions become real ones again, and retained values, which the broker gives out by itself, are held back where
 * they are of devices that the application has no business with.
 */
final class ApplicationDeliveries implements PublishOutboundInterceptor, PubackInboundInterceptor {
    private final ApplicationSession session;
    private final Applications applications;
    private final DeviceRegistry registry;
    private final Tickets tickets;

    ApplicationDeliveries(
            ApplicationSession session, Applications applications, DeviceRegistry registry, Tickets tickets) {
        this.session = session;
        this.applications = applications;
        this.registry = registry;
        this.tickets = tickets;
    }

    @Override
    public void onOutboundPublish(PublishOutboundInput input, PublishOutboundOutput output) {
        ModifiableOutboundPublish packet = output.getPublishPacket();
        if (ShareName.isShared(packet.getTopic())) {
            shared(packet, output);
        } else if (packet.getTopic().startsWith(ApplicationTopics.DATA) && !mayHear(packet.getTopic())) {
            output.preventPublishDelivery();
        }
    }

    private void shared(ModifiableOutboundPublish packet, PublishOutboundOutput output) {
        Optional<Long> number =
                packet.getUserProperties().getFirst(Tickets.PROPERTY).map(Long::valueOf);
        boolean isOpen = number.map(tickets::find)
                .filter(ticket -> ticket.worker().equals(session))
                .isPresent();
        if (!isOpen) {
            // Another worker has it by now.
            output.preventPublishDelivery();
            return;
        }
        packet.getUserProperties().removeName(Tickets.PROPERTY);
        packet.setTopic(ShareName.realTopic(packet.getTopic()));
        if (packet.getPacketId() != 0) {
            session.tickets().put(packet.getPacketId(), number.get());
        }
    }

    private boolean mayHear(String topic) {
        return ApplicationTopics.parse(topic)
                .flatMap(data -> registry.find(data.device()))
                .filter(device -> applications
                        .find(session.application())
                        .filter(application ->
                                application.may(Application.Right.SUBSCRIBE) && application.covers(device))
                        .isPresent())
                .isPresent();
    }

    @Override
    public void onInboundPuback(PubackInboundInput input, PubackInboundOutput output) {
        Long number = session.tickets().remove(input.getPubackPacket().getPacketIdentifier());
        if (number == null) {
            session.subscriber().window().settled();
            return;
        }
        ShareGroup.Ticket ticket = tickets.find(number);
        if (ticket != null) {
            ticket.done();
        }
    }
}
