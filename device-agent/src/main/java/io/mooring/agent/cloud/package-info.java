/** The device's conversation with its cloud over MQTT: the messages, the connection, and sync. */
@NullMarked
package io.mooring.agent.cloud;

import org.jspecify.annotations.NullMarked;
