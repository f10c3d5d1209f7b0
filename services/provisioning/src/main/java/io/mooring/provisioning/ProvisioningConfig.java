package io.mooring.provisioning;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** What whoever runs the cloud chooses; README.md lists it with the names of the environment. */
@ConfigMapping(prefix = "mooring.provisioning")
public interface ProvisioningConfig {
    /** The base URL under which devices and operators reach this service, without a slash at the end. */
    String publicUrl();

    /** Where devices connect to next. */
    Mqtt mqtt();

    /** The certificate authority. */
    Certificates certificates();

    /** The first operator. */
    Operator operator();

    /** How often one source may ask. */
    Limits limits();

    /** How devices get their next certificate. */
    Renewal renewal();

    /** The cloud of products and claims that name none. */
    @WithDefault("main")
    String defaultCloud();

    /** The account of products and claims that name none. */
    @WithDefault("main")
    String defaultAccount();

    /** Where this cloud runs, as devices are told and audit records say. */
    @WithDefault("local-1")
    String region();

    /** The MQTT listener that devices use. */
    interface Mqtt {
        /** A name that the listener's certificate bears. */
        @WithDefault("localhost")
        String host();

        @WithDefault("8883")
        int port();
    }

    /** How the certificate authority is reached. */
    interface Certificates {
        /** Its base URL, without a slash at the end. */
        @WithDefault("http://127.0.0.1:7102")
        String url();

        /** The bearer token it knows this service by. */
        String token();

        @WithDefault("2s")
        Duration connectTimeout();

        /** How long it may take to answer. */
        @WithDefault("10s")
        Duration timeout();
    }

    /** The first operator, who may be given a password, a token, or both. */
    interface Operator {
        @WithDefault("operator")
        String name();

        Optional<String> password();

        /** How often the password is hashed, 1,000 times or more: less than the default only for one made at random. */
        @WithDefault("210000")
        int passwordRounds();

        Optional<String> token();
    }

    /** Token buckets, one for each source address (IPv6: each /64). */
    interface Limits {
        /** Registrations a second. */
        @WithDefault("100")
        double registerPerSecond();

        /** Registrations at once. */
        @WithDefault("1000")
        int registerBurst();

        /** Calls with a wrong token or password a second. */
        @WithDefault("5")
        double failuresPerSecond();

        /** Calls with a wrong token or password at once. */
        @WithDefault("50")
        int failuresBurst();

        /** Device ids not seen before a second. */
        @WithDefault("50")
        double newIdsPerSecond();

        /** Device ids not seen before at once. */
        @WithDefault("5000")
        int newIdsBurst();

        /** Device ids not seen before a second, of one product from wherever. */
        @WithDefault("200")
        double productNewIdsPerSecond();

        /** Device ids not seen before at once, of one product from wherever. */
        @WithDefault("20000")
        int productNewIdsBurst();

        /** How often the audit trail is told how many more refusals there were. */
        @WithDefault("1m")
        Duration refusalsToldEvery();
    }

    /** Certificates that follow others. */
    interface Renewal {
        /** How long after its certificate's end a device may come back by proving itself. */
        @WithDefault("90d")
        Duration grace();
    }
}
