package io.mooring.provisioning.keys;

import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Outcome;
import java.net.URI;
import java.time.Instant;

/** Who issues access keys. */
sealed interface KeyIssuer permits MooringKeys, AwsKeys {
    /** Keys for a device alone. */
    Outcome<Credentials> issue(Device.Provisioned device, Instant now);

    /** A URL for one of the device's files. */
    Outcome<URI> sign(Device.Provisioned device, SignedUrlRequest request, Instant now);
}
