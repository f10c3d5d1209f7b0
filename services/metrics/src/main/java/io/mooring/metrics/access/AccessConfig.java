package io.mooring.metrics.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** Of the master keys, which issuers and verifiers share, {@code mooring.access.*}. */
@ConfigMapping(prefix = "mooring.access")
public interface AccessConfig {
    /** 32 bytes in base64; without it there are no access keys here. */
    Optional<String> masterKey();

    /** Those before it, whose access keys have not all ended. */
    Optional<List<String>> formerMasterKeys();

    /** Where this cloud runs: the region that clients sign for. */
    @WithDefault("local-1")
    String region();

    /** Refused requests a second, of each address. */
    @WithDefault("5")
    double failuresPerSecond();

    /** Refused requests at once. */
    @WithDefault("50")
    int failuresBurst();
}
