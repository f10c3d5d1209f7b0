package io.mooring.agent.cloud;

import java.util.concurrent.CompletableFuture;

/** A way up to the cloud: a live connection. */
@FunctionalInterface
public interface Uplink {
    /**
     * Tells the cloud something, at least once.
     *
     * @param tail the topic past {@code ioto/service/{id}/}
     * @return done when the broker has it; failed when the connection broke before
     */
    CompletableFuture<?> publish(String tail, byte[] payload);
}
