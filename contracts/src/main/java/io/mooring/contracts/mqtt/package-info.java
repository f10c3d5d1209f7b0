/** MQTT's side of the device protocol: who may say and hear what, and where. */
@NullMarked
package io.mooring.contracts.mqtt;

import org.jspecify.annotations.NullMarked;
