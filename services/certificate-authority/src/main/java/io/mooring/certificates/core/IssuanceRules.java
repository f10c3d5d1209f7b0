package io.mooring.certificates.core;

import java.time.Duration;

/**
 * What whoever runs the cloud has chosen.
 *
 * @param deviceLifetime how long a device's certificate is valid
 * @param serverLifetime how long a server's certificate is valid
 * @param responderLifetime how long the certificate of our answering service (OCSP) is valid
 * @param backdate how much before now validity starts
 */
public record IssuanceRules(
        Duration deviceLifetime, Duration serverLifetime, Duration responderLifetime, Duration backdate) {}
