/**
 * Our own device: joins a cloud by a product token, keeps its rows in a local database and in step
 * with the cloud, on-line or not. A library ({@link io.mooring.agent.DeviceAgent}), a program
 * ({@link io.mooring.agent.Main}), and many devices in one process ({@link io.mooring.agent.Fleet}).
 */
@NullMarked
package io.mooring.agent;

import org.jspecify.annotations.NullMarked;
