package io.mooring.logs;

import io.mooring.logs.core.LineLimits;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;

/** Settings. */
@ConfigMapping(prefix = "mooring.logs")
public interface LogsConfig {
    /** Operators by name, and the SHA-256 of their tokens, in hex. */
    Map<String, String> operators();

    /** For how many days lines are kept where nobody said otherwise: one of CloudWatch Logs' numbers. */
    @WithDefault("30")
    int retentionDays();

    /** Rows of the model {@code Log}. */
    Rows rows();

    /** See {@link #rows}. */
    interface Rows {
        /** A regular expression of the topics they come on. */
        String topics();
    }

    /** How much is taken. */
    Limits limits();

    /** See {@link #limits}. */
    interface Limits {
        /** The longest text of a line, in bytes of UTF-8. */
        @WithDefault("65536")
        int lineBytes();

        /** Lines in one batch. */
        @WithDefault("10000")
        int linesOfBatch();

        /** The longest body of a batch, once it is inflated, in bytes. */
        @WithDefault("2097152")
        int inflatedBytes();

        /** How long before it came a line may have been logged. */
        @WithDefault("P14D")
        Duration past();

        /** How long after it came; a clock may be that much ahead. */
        @WithDefault("PT2H")
        Duration future();

        /** Requests a second of one caller over HTTP: a person, an application, a device. */
        @WithDefault("50")
        double requestsPerSecond();

        /** How many of these at once. */
        @WithDefault("500")
        int requestBurst();

        /** How many follow lines as they come, in each instance. */
        @WithDefault("50")
        int followers();

        /** How many of them may be one caller's. */
        @WithDefault("10")
        int followersOfCaller();

        /** How long a search may take. */
        @WithDefault("PT10S")
        Duration search();
    }

    /** How much a line may say. */
    default LineLimits lineLimits() {
        return new LineLimits(
                limits().lineBytes(), LineLimits.DEFAULT.fieldsBytes(), limits().past(), limits().future());
    }
}
