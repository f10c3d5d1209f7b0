package io.mooring.messaging.shadow;

import io.mooring.messaging.core.shadow.ShadowLimits;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Limits of shadows, {@code mooring.messaging.shadows.*}; the defaults are AWS'. */
@ConfigMapping(prefix = "mooring.messaging.shadows")
public interface ShadowConfig {
    /** Of the state of one shadow, desired and reported together. */
    @WithDefault("8192")
    int documentBytes();

    /** Of one request. */
    @WithDefault("131072")
    int requestBytes();

    /** Of objects and arrays within each other. */
    @WithDefault("8")
    int levels();

    /** Of one device. */
    @WithDefault("100")
    int named();

    /** Over HTTP, of one device, at a time. */
    @WithDefault("10")
    int requestsAtOnce();

    /** Over MQTT, of one device, that arrive within a second. */
    @WithDefault("200")
    int requestsPerSecond();

    /** The same for the decider. */
    default ShadowLimits limits() {
        return new ShadowLimits(documentBytes(), requestBytes(), levels(), named());
    }
}
