package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.packets.general.Qos;
import io.mooring.bridge.session.DeliveryWindow;
import io.mooring.contracts.mqtt.TopicFilter;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** An MQTT client of an application, connected or with a session that the broker keeps. */
final class Subscriber {
    private final String clientId;
    private final String application;
    private final DeliveryWindow window;
    private final Map<String, Qos> filters = new ConcurrentHashMap<>();
    private final Set<String> shared = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ApplicationSession session;

    Subscriber(String clientId, String application, int maxOutstanding) {
        this.clientId = clientId;
        this.application = application;
        this.window = new DeliveryWindow(maxOutstanding);
    }

    String clientId() {
        return clientId;
    }

    /** Whose it is. */
    String application() {
        return application;
    }

    /** What it has not acknowledged, of ordinary subscriptions. */
    DeliveryWindow window() {
        return window;
    }

    /** Its connection. */
    Optional<ApplicationSession> connected() {
        return Optional.ofNullable(session);
    }

    void connected(@Nullable ApplicationSession now) {
        session = now;
    }

    /** It begins anew. */
    void reset() {
        filters.clear();
        shared.clear();
        window.reset();
    }

    /** Remembers a subscription as the broker has it. */
    void subscribe(String brokerFilter, Qos qos) {
        if (ShareName.isShared(brokerFilter)) {
            shared.add(brokerFilter);
        } else {
            filters.put(brokerFilter, qos);
        }
    }

    void unsubscribe(String brokerFilter) {
        filters.remove(brokerFilter);
        shared.remove(brokerFilter);
    }

    boolean isSubscribed(String brokerFilter) {
        return filters.containsKey(brokerFilter) || shared.contains(brokerFilter);
    }

    int subscriptions() {
        return filters.size() + shared.size();
    }

    /** Its shared subscriptions, as the broker has them. */
    Set<String> shared() {
        return shared;
    }

    /** With which quality of service it wants to hear a topic; null if not at all. */
    @Nullable
    Qos hears(String topic) {
        Qos best = null;
        for (Map.Entry<String, Qos> filter : filters.entrySet()) {
            if ((best == null || filter.getValue().getQosNumber() > best.getQosNumber())
                    && TopicFilter.matches(filter.getKey(), topic)) {
                best = filter.getValue();
            }
        }
        return best;
    }
}
