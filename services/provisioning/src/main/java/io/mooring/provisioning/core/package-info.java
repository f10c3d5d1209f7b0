/**
 * The life of a device, decided without touching anything: no database, no clock, no randomness.
 * States are records that offer only the moves they allow.
 */
@NullMarked
package io.mooring.provisioning.core;

import org.jspecify.annotations.NullMarked;
