package io.mooring.metrics.export;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Amazon CloudWatch. Keys for AWS come from where its SDK looks: environment, files, instance. */
@ConfigMapping(prefix = "mooring.metrics.cloudwatch")
public interface CloudWatchConfig {
    @WithDefault("false")
    boolean enabled();

    @WithDefault("us-east-1")
    String region();

    /** Of AWS itself, unless another is given. */
    Optional<String> endpoint();

    /** What namespaces begin with; the cloud and whose series they are follow. */
    @WithDefault("Mooring")
    String namespacePrefix();

    /** Whose series are sent: {@code cloud}, {@code product}, {@code device}. */
    @WithDefault("cloud,product")
    List<String> kinds();

    /** How much time each datum sums up: that of windows of one of the spans. */
    @WithDefault("PT5M")
    Duration period();

    /** How long after its end a period is sent; what comes later is not. */
    @WithDefault("PT2M")
    Duration settle();

    /** How often it is looked for more. */
    @WithDefault("PT10S")
    Duration interval();

    /** How long CloudWatch may take to show what it has taken: so long a request without an answer is looked for there. */
    @WithDefault("PT15M")
    Duration doubt();

    /** How many requests may wait while CloudWatch is away. */
    @WithDefault("10000")
    int waiting();
}
