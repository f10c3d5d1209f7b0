package io.mooring.provisioning.keys;

import io.mooring.provisioning.core.CertificateReference;
import io.mooring.provisioning.core.Description;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Identity;
import io.mooring.provisioning.core.Owner;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Configurations and devices as the service would have them. */
final class Configurations {
    static final String ROLE = "arn:aws:iam::123456789012:role/devices";
    static final Instant THEN = Instant.parse("2026-11-01T00:00:00Z");

    private Configurations() {}

    /** A configuration with these settings below {@code mooring.provisioning.keys}. */
    static KeysConfig of(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>();
        settings.forEach((name, value) -> all.put("mooring.provisioning.keys." + name, value));
        return new SmallRyeConfigBuilder()
                .withMapping(KeysConfig.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withSources(new PropertiesConfigSource(all, "test", 100))
                .build()
                .getConfigMapping(KeysConfig.class);
    }

    /** What all uses of AWS in these tests have in common. */
    static Map<String, String> aws(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(Map.of(
                "aws.role-arn", ROLE,
                "aws.bucket", "fleet",
                "aws.log-group", "devices"));
        all.putAll(more);
        return all;
    }

    static Device.Provisioned device(String id) {
        return new Device.Provisioned(
                new Identity(id, "PRODUCT", new Description("", "", "", "{}"), THEN, Optional.empty()),
                new Owner("main", "acme"),
                List.of("t"),
                List.of(new CertificateReference("1", "f".repeat(64), THEN, "")),
                THEN);
    }
}
