package io.mooring.files;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What whoever runs the cloud chooses; README.md lists it with the names of the environment. */
@ConfigMapping(prefix = "mooring.files")
public interface FilesConfig {
    /** Where this cloud runs: the region that clients sign for. */
    @WithDefault("local-1")
    String region();

    /** Where objects are kept if not at an S3 endpoint. */
    Optional<Path> folder();

    /** Where objects are kept if not in a folder. */
    Bucket bucket();

    /** How much of everything. */
    Limits limits();

    /** A bucket at an S3 endpoint. Its keys come from the AWS SDK's own places (environment, files, instance). */
    interface Bucket {
        Optional<String> name();

        /** Put before every key, such as {@code mooring/}. */
        @WithDefault("")
        Optional<String> prefix();

        /** Of AWS itself, unless another is given. */
        Optional<String> endpoint();

        @WithDefault("us-east-1")
        String region();

        /** Whether the bucket's name stands in the path and not in the host's name. */
        @WithDefault("true")
        boolean pathStyle();
    }

    /** Limits, each against a device gone wild. */
    interface Limits {
        /** The largest object, in bytes. */
        @WithDefault("1073741824")
        long objectBytes();

        /** What one device may keep, in bytes, uploads that were not completed included. */
        @WithDefault("5368709120")
        long deviceBytes();

        /** How many objects one device may keep. */
        @WithDefault("10000")
        int deviceObjects();

        /** Uploads that were begun and not completed are dropped after so many hours. */
        @WithDefault("24")
        int uploadHours();

        /** Refused requests a second, for each source address and for each device. */
        @WithDefault("5")
        double failuresPerSecond();

        /** Refused requests at once. */
        @WithDefault("50")
        int failuresBurst();
    }

    /** Of the master keys, which issuer and verifiers share. */
    @ConfigMapping(prefix = "mooring.access")
    interface Access {
        /** 32 bytes in base64. */
        String masterKey();

        /** Those before it, whose access keys have not all ended. */
        Optional<List<String>> formerMasterKeys();
    }
}
