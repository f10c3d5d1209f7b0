/**
 * Decides which devices belong to the cloud: products and their tokens, claims, devices' tokens and
 * certificates, release and blocking. It answers the devices' own HTTP API and the operators'.
 */
@NullMarked
package io.mooring.provisioning;

import org.jspecify.annotations.NullMarked;
