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

    /** Tokens that say which device somebody is. */
    Tokens tokens();

    /** AWS, if it issues access keys. */
    Aws aws();

    /** The cloud as an OpenID Connect issuer. */
    interface Tokens {
        /** As tokens name it, and where others find its keys. Without it: the service's public URL. */
        Optional<String> issuer();

        /** Who tokens may be for. The first is this cloud's own HTTP API, and meant if a device names none. */
        @WithDefault("mooring")
        List<String> audiences();

        /** How long a token is good: 5 to 60 minutes. */
        @WithDefault("15m")
        Duration life();

        /** How a new key signs. */
        @WithDefault("RS256")
        Algorithm algorithm();

        /** How long a key signs before the next one does. */
        @WithDefault("30d")
        Duration rotation();
    }

    /** How tokens are signed (RFC 7518, section 3.1). */
    enum Algorithm {
        RS256,
        ES256
    }

    /** What devices may use at AWS. {@code {cloud}}, {@code {account}} and {@code {device}} stand for the device's. */
    interface Aws {
        /** The role that sessions are of. */
        Optional<String> roleArn();

        @WithDefault("us-east-1")
        String region();

        /** Another endpoint of STS than AWS' own. */
        Optional<String> stsEndpoint();

        /** Another endpoint of S3 than AWS' own. */
        Optional<String> s3Endpoint();

        /** Whom tokens for STS are for. */
        @WithDefault("sts.amazonaws.com")
        String audience();

        /** Whether sessions bear tags; the role's trust policy must allow {@code sts:TagSession}. */
        @WithDefault("true")
        boolean sessionTags();

        /** The bucket of devices' files; without it they have none. */
        Optional<String> bucket();

        /** What a device's objects begin with. */
        @WithDefault("{cloud}/{device}/")
        String prefix();

        /** The group of devices' log streams, in the role's account; without it they have none. */
        Optional<String> logGroup();

        /** A device's log streams: this, and what begins with this and a slash. */
        @WithDefault("{device}")
        String logStream();

        /** The CloudWatch namespace of a device's metrics. */
        @WithDefault("Mooring/{cloud}/{device}")
        String metricsNamespace();
    }

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
