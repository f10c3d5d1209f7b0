package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.Optional;

/**
 * A device that was claimed before it ever registered.
 *
 * @param product the only product it is taken from; empty for any
 * @param owner whose it will be
 */
public record ExpectedDevice(String id, Optional<String> product, Owner owner, Instant since) {}
