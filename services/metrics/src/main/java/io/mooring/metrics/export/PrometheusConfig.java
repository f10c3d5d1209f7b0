package io.mooring.metrics.export;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where Prometheus is, or what takes its remote write. */
@ConfigMapping(prefix = "mooring.metrics.prometheus")
public interface PrometheusConfig {
    /** Such as {@code https://prometheus.example/api/v1/write}; none: nothing is sent. */
    Optional<String> url();

    /** A bearer token, if it wants one. */
    Optional<String> token();

    /** Whose series are sent: {@code cloud}, {@code product}, {@code device}. */
    @WithDefault("cloud,product")
    List<String> kinds();

    /** How long after its end a window is sent; what comes later is not. */
    @WithDefault("PT15S")
    Duration settle();

    /** How often it is looked for more. */
    @WithDefault("PT5S")
    Duration interval();
}
