package io.mooring.audit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The service's configuration, {@code mooring.audit.*}. */
@ConfigMapping(prefix = "mooring.audit")
public interface AuditConfig {
    /** The 12 digits that stand for this installation where AWS has an account. */
    @WithDefault("000000000000")
    String account();

    /** Where this cloud runs: the region that clients sign for. */
    @WithDefault("local-1")
    String region();

    /** The trail's name. */
    @WithDefault("mooring-trail")
    String trail();

    /** Where log files and digests lie, if not in a bucket. */
    Optional<Path> folder();

    /** The bucket where they lie; without an endpoint that of AWS. */
    Bucket bucket();

    /** How much time a digest speaks for: 10 seconds to 1 hour. */
    @WithDefault("1h")
    Duration digestEvery();

    /** How long a record waits for its log file at most, while the store is there. */
    @WithDefault("5m")
    Duration fileEvery();

    /** 32 bytes in base64: encrypts the signing keys. */
    String masterKey();

    /** After how long a new signing key is made. */
    @WithDefault("365d")
    Duration keyLife();

    /** For how many days records can be searched. The log files stay. */
    @WithDefault("90")
    int searchDays();

    /**
     * Which data events the trail tells of: {@code row:CLOUD/TABLE}, where either may be {@code *}, and {@code message:FILTER} with
     * an MQTT filter of application topics.
     */
    Optional<List<String>> dataEvents();

    /** Operators: a name for the trail, and the SHA-256 of the token in lower-case hex. */
    Map<String, String> operators();

    Limits limits();

    Timestamp timestamp();

    interface Bucket {
        /** Its name, which digests name too. For a folder, the name that it answers to. */
        @WithDefault("mooring-audit")
        String name();

        /** Whether the trail lies in a bucket. */
        @WithDefault("false")
        boolean enabled();

        /** Of an endpoint that is not AWS'. */
        Optional<URI> endpoint();

        @WithDefault("us-east-1")
        String region();

        /** Before {@code AWSLogs}; ends with a slash. */
        Optional<String> prefix();

        @WithDefault("true")
        boolean pathStyle();

        /** How objects are locked: the bucket must have object lock enabled. */
        Optional<Lock> lock();

        /** For how many days objects are locked. */
        @WithDefault("365")
        int lockDays();
    }

    /** S3's object lock modes. */
    enum Lock {
        GOVERNANCE,
        COMPLIANCE
    }

    interface Limits {
        /** Records in one log file. */
        @WithDefault("5000")
        int fileRecords();

        /** Uncompressed bytes of one log file. */
        @WithDefault("4194304")
        int fileBytes();

        /** Bytes of one record. */
        @WithDefault("262144")
        int recordBytes();

        /** Records that wait for the store; above that no more are taken, and Kafka keeps them. */
        @WithDefault("1000000")
        long waiting();

        /** Requests a second, of one caller, in the long run. */
        @WithDefault("50")
        int requestsPerSecond();

        /** Requests at once, of one caller. */
        @WithDefault("500")
        int requestBurst();
    }

    interface Timestamp {
        /** An authority that stamps digests (RFC 3161, over HTTP); one that is not ours, or it proves little. */
        Optional<URI> url();
    }
}
