package io.mooring.messaging;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Map;

/** The service's configuration, {@code mooring.messaging.*}. */
@ConfigMapping(prefix = "mooring.messaging")
public interface MessagingConfig {
    /** Operators: a name for the trail, and the SHA-256 of the token in lower-case hex. */
    Map<String, String> operators();

    /** What one caller may ask for. */
    Limits limits();

    /** How long finished commands are kept, in days. */
    @WithDefault("30")
    int retentionDays();

    interface Limits {
        /** Requests a second, of one caller, in the long run. */
        @WithDefault("200")
        int requestsPerSecond();

        /** Requests at once, of one caller. */
        @WithDefault("1000")
        int requestBurst();

        /** Devices in one list. */
        @WithDefault("10000")
        int listedDevices();

        /** A command's arguments, in bytes of JSON. */
        @WithDefault("65536")
        int argumentBytes();

        /** Event streams that one caller may have open. */
        @WithDefault("20")
        int streamsPerCaller();

        /** Event streams in all. */
        @WithDefault("1000")
        int streams();

        /** Listeners at once for which Kafka is read anew for what they missed; others wait. */
        @WithDefault("4")
        int replays();
    }
}
