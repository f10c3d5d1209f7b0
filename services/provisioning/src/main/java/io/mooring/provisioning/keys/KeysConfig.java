package io.mooring.provisioning.keys;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How devices get access keys; README.md lists it with the names of the environment. */
@ConfigMapping(prefix = "mooring.provisioning.keys")
public interface KeysConfig {
    /** Who issues access keys. */
    @WithDefault("mooring")
    Way way();

    /** How long access keys are good. AWS has its own least (15 minutes) and most. */
    @WithDefault("1h")
    Duration life();

    /** How long the URLs of {@code getSignedUrl} are good. */
    @WithDefault("15m")
    Duration urlLife();

    /** Where services/files is, as devices reach it: scheme, host, port. Without it there are no signed URLs of ours. */
    Optional<String> filesUrl();

    /** Keys, URLs and tokens a second, for each device. */
    @WithDefault("1")
    double perSecond();

    /** Keys, URLs and tokens at once, for each device. */
    @WithDefault("20")
    int burst();

    /** Who issues access keys. */
    enum Way {
        /** We do, for services/files. */
        MOORING,
        /** AWS STS does, by {@code AssumeRole}: Mooring holds AWS credentials that may assume the role. */
        AWS_ROLE,
        /** AWS STS does, by {@code AssumeRoleWithWebIdentity}: Mooring holds none, and is an OIDC issuer. */
        AWS_WEB_IDENTITY
    }

    /** Of the master keys, which issuer and verifiers share. */
    @ConfigMapping(prefix = "mooring.access")
    interface Access {
        /** 32 bytes in base64. Without it there are no access keys and no tokens. */
        Optional<String> masterKey();

        /** Those before it, whose access keys have not all ended. */
        Optional<List<String>> formerMasterKeys();
    }
}
