/**
 * The devices' HTTP API (device protocol, section 1) and the operators'. Refusals become statuses
 * here: {@code {"error":TEXT}} for devices, problem details (RFC 9457) for operators.
 */
@NullMarked
package io.mooring.provisioning.http;

import org.jspecify.annotations.NullMarked;
