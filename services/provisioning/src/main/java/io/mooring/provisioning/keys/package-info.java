/**
 * Access keys and tokens for devices: short-lived, for the device alone, reissued whenever it asks, worth nothing once it
 * is released. Mooring is their issuer, or AWS is, by the configuration.
 */
@NullMarked
package io.mooring.provisioning.keys;

import org.jspecify.annotations.NullMarked;
