package io.mooring.provisioning.core;

import java.util.Optional;

/**
 * What a device sends to make itself known (device protocol, section 1.1).
 *
 * @param id its claim id
 * @param owner whose it says it is, if it names both account and cloud
 */
public record Registration(String id, Description description, Optional<Owner> owner) {}
