/**
 * Applications: who they are and may, their connections and subscriptions, and the data between them and devices. An
 * ordinary subscription is live: it hears what comes, and what does not fit into its queue while it does not read is
 * lost to it, and it is told so. A shared one is a consumer group of Kafka: nothing is counted as read before a worker
 * acknowledged it, whichever broker node the worker sits on.
 */
@NullMarked
package io.mooring.bridge.application;

import org.jspecify.annotations.NullMarked;
