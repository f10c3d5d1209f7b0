package io.mooring.audit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Of the master keys, which issuers and verifiers share, {@code mooring.access.*}. */
@ConfigMapping(prefix = "mooring.access")
public interface AccessConfig {
    /** 32 bytes in base64; without it there are no access keys here, and AWS' tools cannot ask. */
    Optional<String> masterKey();

    /** Those before it, whose access keys have not all ended. */
    Optional<List<String>> formerMasterKeys();

    /** How long an operator's access key is good; they ask for the next with their token. */
    @WithDefault("12h")
    Duration operatorLife();
}
