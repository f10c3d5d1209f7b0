package io.mooring.messaging.http;

import io.mooring.messaging.shadow.ShadowConfig;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many requests about one thing are being answered: no more than so many (AWS IoT Core quotas: 10). */
@Singleton
class RequestsAtOnce {
    private final int most;
    private final Map<String, Integer> open = new ConcurrentHashMap<>();

    RequestsAtOnce(ShadowConfig config) {
        this.most = config.requestsAtOnce();
    }

    /** A place for one request. */
    final class Place implements AutoCloseable {
        private final String thing;
        private final boolean free;

        Place(String thing, boolean free) {
            this.thing = thing;
            this.free = free;
        }

        boolean isFree() {
            return free;
        }

        @Override
        public void close() {
            open.computeIfPresent(thing, (name, count) -> count == 1 ? null : count - 1);
        }
    }

    Place enter(String thing) {
        return new Place(thing, open.merge(thing, 1, Integer::sum) <= most);
    }
}
