package io.mooring.provisioning.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditPosition;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.provisioning.core.CertificateReference;
import io.mooring.provisioning.core.Description;
import io.mooring.provisioning.core.DeviceEvent;
import io.mooring.provisioning.core.Identity;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.RegistryEntry;
import io.mooring.provisioning.db.Outbox;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Records as they have been since the first version: consumers rest on them. */
class EventCodecTest {
    private static final UUID ID = UUID.fromString("6f1c2b0e-0000-4000-8000-000000000001");
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Owner ACME = new Owner("main", "acme");
    private static final Identity DEVICE =
            new Identity("ABCDEF1234", "PRODUCT", new Description("Demo", "", "", "{}"), NOW, Optional.empty());

    private final EventCodec codec = new EventCodec(new ObjectMapper(), "mooring", "local-1");

    @Test
    void tellsTheBrokersWhoMayConnect() {
        Outbox.Message message = codec.encode(
                ID,
                new RegistryEntry.Listed(
                        "ABCDEF1234",
                        ACME,
                        "PRODUCT",
                        "active",
                        List.of("f".repeat(64)),
                        Instant.parse("2026-11-20T08:00:00.123Z")),
                NOW);

        assertThat(message.topic()).isEqualTo("mooring.device.registry.v1");
        assertThat(text(message.key())).isEqualTo("ABCDEF1234");
        assertThat(message.type()).isEqualTo("io.mooring.device.registry");
        assertThat(message.cloud()).isEqualTo("main");
        assertThat(message.account()).isEqualTo("acme");
        assertThat(text(message.payload()))
                .isEqualTo("{\"device\":\"ABCDEF1234\",\"cloud\":\"main\",\"account\":\"acme\",\"product\":\"PRODUCT\","
                        + "\"state\":\"active\",\"certificates\":[\"" + "f".repeat(64)
                        + "\"],\"since\":\"2026-11-20T08:00:00.123Z\",\"updated\":\"2026-11-23T12:00:00Z\"}");
    }

    @Test
    void tellsWhatBecameOfADevice() {
        CertificateReference certificate = new CertificateReference("4".repeat(32), "f".repeat(64), NOW, "");

        Outbox.Message registered = codec.encode(ID, new DeviceEvent.Registered(DEVICE, NOW));
        Outbox.Message claimed = codec.encode(ID, new DeviceEvent.Claimed(DEVICE, ACME, NOW));
        Outbox.Message provisioned = codec.encode(ID, new DeviceEvent.Provisioned(DEVICE, ACME, certificate, NOW));
        Outbox.Message released = codec.encode(ID, new DeviceEvent.Released(DEVICE, ACME, NOW));

        assertThat(List.of(registered, claimed, provisioned, released)).allSatisfy(message -> {
            assertThat(message.topic()).isEqualTo("mooring.device.event.v1");
            assertThat(text(message.key())).isEqualTo("ABCDEF1234");
        });
        assertThat(List.of(registered, claimed, provisioned, released))
                .extracting(Outbox.Message::type)
                .containsExactly(
                        "io.mooring.device.registered",
                        "io.mooring.device.claimed",
                        "io.mooring.device.provisioned",
                        "io.mooring.device.released");
        assertThat(text(registered.payload()))
                .isEqualTo("{\"device\":\"ABCDEF1234\",\"product\":\"PRODUCT\",\"at\":\"2026-11-23T12:00:00Z\"}");
        assertThat(text(provisioned.payload()))
                .isEqualTo("{\"device\":\"ABCDEF1234\",\"product\":\"PRODUCT\",\"cloud\":\"main\","
                        + "\"account\":\"acme\",\"serial\":\"" + "4".repeat(32) + "\",\"fingerprint\":\""
                        + "f".repeat(64) + "\",\"expires\":\"2026-11-23T12:00:00Z\",\"at\":\"2026-11-23T12:00:00Z\"}");
    }

    @Test
    void tellsTheBrokersToForgetADevice() {
        Outbox.Message message = codec.encode(ID, new RegistryEntry.Forgotten("ABCDEF1234"), NOW);

        assertThat(message.topic()).isEqualTo("mooring.device.registry.v1");
        assertThat(text(message.key())).isEqualTo("ABCDEF1234");
        assertThat(message.payload()).isNull();
    }

    @Test
    void tellsWhatOperatorsDidToADevice() {
        Outbox.Message transferred =
                codec.encode(ID, new DeviceEvent.Transferred(DEVICE, ACME, new Owner("second", "other"), NOW));
        Outbox.Message blocked = codec.encode(ID, new DeviceEvent.Blocked(DEVICE, ACME, 60, NOW));
        Outbox.Message unblocked = codec.encode(ID, new DeviceEvent.Unblocked(DEVICE, ACME, NOW));
        Outbox.Message deleted = codec.encode(ID, new DeviceEvent.Deleted(DEVICE, Optional.empty(), NOW));

        assertThat(List.of(transferred, blocked, unblocked, deleted))
                .extracting(Outbox.Message::type)
                .containsExactly(
                        "io.mooring.device.transferred",
                        "io.mooring.device.blocked",
                        "io.mooring.device.unblocked",
                        "io.mooring.device.deleted");
        assertThat(text(transferred.payload()))
                .isEqualTo("{\"device\":\"ABCDEF1234\",\"product\":\"PRODUCT\",\"cloud\":\"second\","
                        + "\"account\":\"other\",\"from\":{\"cloud\":\"main\",\"account\":\"acme\"},"
                        + "\"at\":\"2026-11-23T12:00:00Z\"}");
        assertThat(text(blocked.payload())).contains("\"delaySeconds\":60");
    }

    @Test
    void tellsTheAuditTrailOfARefusal() {
        AuditRecord record = AuditRecord.refused(
                "ClaimDevice",
                new AuditCaller("Operator", "operator", "", "127.0.0.1", "curl/8"),
                Map.of("device", "ABCDEF1234"),
                "claimed_by_another",
                "this device belongs to another owner; release it first",
                NOW);

        Outbox.Message message = codec.encode(ID, record, new AuditPosition(Outbox.SOURCE, "e", 7));

        assertThat(message.topic()).isEqualTo("mooring.audit.event.v1");
        assertThat(text(message.key())).isEqualTo("/services/provisioning");
        assertThat(text(message.payload()))
                .isEqualTo("{\"eventVersion\":\"1.11\",\"userIdentity\":{\"type\":\"Operator\",\"principalId\":"
                        + "\"operator\",\"userName\":\"operator\"},\"eventTime\":\"2026-11-23T12:00:00Z\","
                        + "\"eventSource\":\"provisioning.mooring\",\"eventName\":\"ClaimDevice\","
                        + "\"awsRegion\":\"local-1\",\"sourceIPAddress\":\"127.0.0.1\",\"userAgent\":\"curl/8\",\"errorCode\":\"claimed_by_another\",\"errorMessage\":\"this"
                        + " device belongs to another owner; release it first\","
                        + "\"requestParameters\":{\"device\":\"ABCDEF1234\"},\"responseElements\":null,"
                        + "\"additionalEventData\":{\"sequence\":{\"source\":\"/services/provisioning\",\"epoch\":\"e\","
                        + "\"number\":7}},\"requestID\":\"" + ID + "\",\"eventID\":\"" + ID + "\",\"readOnly\":false,"
                        + "\"eventType\":\"AwsApiCall\",\"managementEvent\":true,\"eventCategory\":\"Management\"}");
    }

    private static String text(byte @Nullable [] bytes) {
        return new String(Objects.requireNonNull(bytes), StandardCharsets.UTF_8);
    }
}
