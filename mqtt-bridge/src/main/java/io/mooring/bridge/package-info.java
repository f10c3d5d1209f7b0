/**
 * The bridge between MQTT and Kafka, as an extension of HiveMQ CE. It decides which device may
 * connect, say and hear what; hands what devices say to Kafka and lets the broker acknowledge only
 * what Kafka has stored; and delivers to devices what the cloud tells them.
 */
@NullMarked
package io.mooring.bridge;

import org.jspecify.annotations.NullMarked;
