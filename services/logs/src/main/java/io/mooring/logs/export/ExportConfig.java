package io.mooring.logs.export;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Where lines are handed on to. Keys for AWS come from where its SDK looks: environment, files, instance. */
@ConfigMapping(prefix = "mooring.logs")
public interface ExportConfig {
    /** Amazon CloudWatch Logs. */
    CloudWatch cloudwatch();

    /** See {@link #cloudwatch}. */
    interface CloudWatch {
        @WithDefault("false")
        boolean enabled();

        @WithDefault("us-east-1")
        String region();

        /** Of AWS itself, unless another is given. */
        Optional<String> endpoint();

        /** What the names of log groups begin with; the cloud and the product follow. */
        @WithDefault("mooring")
        String groupPrefix();

        /** How often it is looked for more. */
        @WithDefault("PT5S")
        Duration interval();
    }

    /** An archive in a bucket of any S3 endpoint. */
    Archive archive();

    /** See {@link #archive}. */
    interface Archive {
        /** The bucket's name; none: there is no archive. */
        Optional<String> bucket();

        @WithDefault("logs/")
        Optional<String> prefix();

        @WithDefault("us-east-1")
        String region();

        /** Of AWS itself, unless another is given. */
        Optional<String> endpoint();

        /** Whether the bucket's name stands in the path and not in the host's name. */
        @WithDefault("true")
        boolean pathStyle();

        /** How long lines are gathered for one object, at most. */
        @WithDefault("PT5M")
        Duration interval();
    }
}
