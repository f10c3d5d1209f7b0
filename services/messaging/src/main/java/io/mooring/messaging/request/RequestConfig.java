package io.mooring.messaging.request;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of requests, {@code mooring.messaging.requests.*}. */
@ConfigMapping(prefix = "mooring.messaging.requests")
public interface RequestConfig {
    /** How long an answer may take (device protocol, section 2). */
    @WithDefault("30s")
    Duration patience();

    /** Of one request or answer, in bytes. */
    @WithDefault("65536")
    int bytes();

    /** That wait for an answer, of one device. */
    @WithDefault("20")
    int waitingOfDevice();
}
