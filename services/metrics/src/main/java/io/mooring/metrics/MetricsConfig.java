package io.mooring.metrics;

import io.mooring.metrics.core.PointLimits;
import io.mooring.metrics.core.SeriesLimits;
import io.mooring.metrics.core.Spans;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;

/** Settings. */
@ConfigMapping(prefix = "mooring.metrics")
public interface MetricsConfig {
    /** Which windows are kept for how long: {@code period/length} of each, finest first. */
    @WithDefault("PT5M/PT30S,PT1H/PT5M,P1D/PT2H,P7D/PT12H,P28D/P2D,P365D/PT730H")
    String spans();

    /** Operators by name, and the SHA-256 of their tokens, in hex. */
    Map<String, String> operators();

    /** Rows that may be metrics. */
    Rows rows();

    /** See {@link #rows}. */
    interface Rows {
        /** A pattern of the topics they are on. */
        String topics();
    }

    /** How much is taken. */
    Limits limits();

    /** See {@link #limits}. */
    interface Limits {
        /** Series of one device. */
        @WithDefault("200")
        int seriesOfDevice();

        /** Series of one product. */
        @WithDefault("5000")
        int seriesOfProduct();

        /** Series of a cloud as a whole. */
        @WithDefault("20000")
        int seriesOfCloud();

        /** Series in a cloud, with those of all its devices and products. */
        @WithDefault("2000000")
        int seriesInAll();

        /** Series whose numbers are remembered, by each instance. */
        @WithDefault("200000")
        int seriesRemembered();

        /** Points in one batch. */
        @WithDefault("1000")
        int pointsOfBatch();

        /** The longest body of a batch, once it is inflated, in bytes. */
        @WithDefault("2097152")
        int inflatedBytes();

        /** How long before it came a point may have been measured. */
        @WithDefault("P14D")
        Duration past();

        /** How long after it came; a clock may be that much ahead. */
        @WithDefault("PT2H")
        Duration future();

        /** Requests a second of one caller over HTTP. */
        @WithDefault("100")
        double requestsPerSecond();

        /** How many of these at once. */
        @WithDefault("500")
        int requestBurst();
    }

    /** The spans as they are meant. */
    default Spans spanList() {
        return Spans.parse(spans());
    }

    /** How many series there may be. */
    default SeriesLimits seriesLimits() {
        Limits limits = limits();
        return new SeriesLimits(
                limits.seriesOfDevice(), limits.seriesOfProduct(), limits.seriesOfCloud(), limits.seriesInAll());
    }

    /** How much a device may say at once. */
    default PointLimits pointLimits() {
        return new PointLimits(
                limits().pointsOfBatch(),
                PointLimits.DEFAULT.dimensions(),
                PointLimits.DEFAULT.sets(),
                limits().past(),
                limits().future());
    }
}
