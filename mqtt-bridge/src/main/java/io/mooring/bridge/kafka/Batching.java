package io.mooring.bridge.kafka;

/**
 * How the producer gathers batches, where the settings say nothing.
 *
 * @param lingerMillis how long a batch waits for more before it leaves
 * @param requestsInFlight how many requests may wait for Kafka's answer at once; an idempotent producer keeps order up to 5
 */
public record Batching(int lingerMillis, int requestsInFlight) {}
