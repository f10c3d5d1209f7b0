package io.mooring.certificates.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.certificates.core.Event;
import io.mooring.certificates.core.IssuedCertificate;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.core.RevokedCertificate;
import io.mooring.certificates.core.ServerName;
import io.mooring.certificates.core.Validity;
import io.mooring.certificates.db.Outbox;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditPosition;
import io.mooring.contracts.audit.AuditRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Records as they have been since the first version: consumers rest on them. */
class EventCodecTest {
    private static final UUID ID = UUID.fromString("6f1c2b0e-0000-4000-8000-000000000001");
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00.123Z");
    private static final Validity VALIDITY =
            new Validity(Instant.parse("2026-11-23T11:55:00Z"), Instant.parse("2027-11-23T12:00:00Z"));
    private static final String SERIAL = "4".repeat(32);

    private final EventCodec codec = new EventCodec(new ObjectMapper(), "mooring", "local-1");

    @Test
    void tellsOfADevicesCertificate() {
        IssuedCertificate issued =
                new IssuedCertificate(SERIAL, new Purpose.Device("main", "ABCDEF1234"), VALIDITY, "f".repeat(64));

        Outbox.Message message = (Outbox.Message) codec.encode(ID, new Event.Issued(issued, NOW));

        assertThat(message.topic()).isEqualTo("mooring.certificate.event.v1");
        assertThat(text(message.key())).isEqualTo("ABCDEF1234");
        assertThat(message.type()).isEqualTo("io.mooring.certificate.issued");
        assertThat(message.subject()).isEqualTo(SERIAL);
        assertThat(message.cloud()).isEqualTo("main");
        assertThat(message.time()).isEqualTo("2026-11-23T12:00:00.123Z");
        assertThat(text(message.payload()))
                .isEqualTo("{\"serial\":\"" + SERIAL + "\",\"fingerprint\":\"" + "f".repeat(64)
                        + "\",\"subject\":\"ABCDEF1234\",\"notBefore\":\"2026-11-23T11:55:00Z\","
                        + "\"notAfter\":\"2027-11-23T12:00:00Z\",\"issued\":\"2026-11-23T12:00:00.123Z\","
                        + "\"purpose\":\"device\",\"cloud\":\"main\",\"device\":\"ABCDEF1234\"}");
    }

    @Test
    void tellsOfAServersCertificate() {
        Purpose server =
                new Purpose.Server(List.of(new ServerName.Dns("localhost"), new ServerName.Address("127.0.0.1")));

        Outbox.Message message = (Outbox.Message) codec.encode(
                ID, new Event.Issued(new IssuedCertificate(SERIAL, server, VALIDITY, "f".repeat(64)), NOW));

        assertThat(text(message.key())).isEqualTo("localhost");
        assertThat(message.cloud()).isEmpty();
        assertThat(text(message.payload())).contains("\"purpose\":\"server\",\"names\":[\"localhost\",\"127.0.0.1\"]");
    }

    @Test
    void tellsOfARevocation() {
        RevokedCertificate revoked = new RevokedCertificate(
                SERIAL, "ABCDEF1234", "main", "f".repeat(64), RevocationReason.KEY_COMPROMISE, NOW);

        Outbox.Message message = (Outbox.Message) codec.encode(ID, new Event.Revoked(revoked));

        assertThat(message.type()).isEqualTo("io.mooring.certificate.revoked");
        assertThat(text(message.payload()))
                .isEqualTo("{\"serial\":\"" + SERIAL + "\",\"subject\":\"ABCDEF1234\",\"reason\":\"keyCompromise\","
                        + "\"revoked\":\"2026-11-23T12:00:00.123Z\",\"cloud\":\"main\",\"device\":\"ABCDEF1234\","
                        + "\"fingerprint\":\"" + "f".repeat(64) + "\"}");
    }

    @Test
    void tellsTheAuditTrailOfARefusal() {
        Event audited = new Event.Audited(AuditRecord.refused(
                "IssueDeviceCertificate",
                new AuditCaller("Service", "provisioning", "", "127.0.0.1", ""),
                Map.of("device", "ABCDEF1234", "cloud", "main"),
                "bad_proof",
                "the request is not signed by the key it holds",
                NOW));

        Outbox.Numbered numbered = (Outbox.Numbered) codec.encode(ID, audited);
        Outbox.Message message = numbered.message().apply(new AuditPosition(Outbox.SOURCE, "e", 7));

        assertThat(message.topic()).isEqualTo("mooring.audit.event.v1");
        assertThat(text(message.key())).isEqualTo("/services/certificate-authority");
        assertThat(text(message.payload()))
                .isEqualTo("{\"eventVersion\":\"1.11\",\"userIdentity\":{\"type\":\"Service\",\"principalId\":"
                        + "\"provisioning\",\"userName\":\"provisioning\"},\"eventTime\":\"2026-11-23T12:00:00Z\","
                        + "\"eventSource\":\"certificate-authority.mooring\",\"eventName\":\"IssueDeviceCertificate\","
                        + "\"awsRegion\":\"local-1\",\"sourceIPAddress\":\"127.0.0.1\",\"errorCode\":\"bad_proof\","
                        + "\"errorMessage\":\"the request is not signed by the key it holds\","
                        + "\"requestParameters\":{\"cloud\":\"main\",\"device\":\"ABCDEF1234\"},"
                        + "\"responseElements\":null,\"additionalEventData\":{\"sequence\":{\"source\":"
                        + "\"/services/certificate-authority\",\"epoch\":\"e\",\"number\":7}},\"requestID\":\"" + ID
                        + "\",\"eventID\":\"" + ID + "\",\"readOnly\":false,\"eventType\":\"AwsApiCall\","
                        + "\"managementEvent\":true,\"eventCategory\":\"Management\"}");
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
