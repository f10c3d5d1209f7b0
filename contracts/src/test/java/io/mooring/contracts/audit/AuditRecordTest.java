package io.mooring.contracts.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AuditRecordTest {
    private static final UUID ID = UUID.fromString("6f1c2b0e-0000-4000-8000-000000000001");
    private static final Instant AT = Instant.parse("2026-11-23T12:00:00.123Z");
    private static final AuditCaller OPERATOR = new AuditCaller("Operator", "operator", "", "127.0.0.1", "curl/8");

    @Test
    void hasTheFormOfCloudTrail() {
        AuditRecord record = AuditRecord.refused(
                "ClaimDevice", OPERATOR, Map.of("device", "ABCDEF1234"), "claimed_by_another", "release it first", AT);

        assertThat(record.toCloudTrail(ID, "provisioning", "local-1", new AuditPosition("/services/x", "e", 7)))
                .hasToString(
                        "{eventVersion=1.11, userIdentity={type=Operator, principalId=operator, userName=operator},"
                                + " eventTime=2026-11-23T12:00:00Z, eventSource=provisioning.mooring,"
                                + " eventName=ClaimDevice, awsRegion=local-1, sourceIPAddress=127.0.0.1, userAgent=curl/8,"
                                + " errorCode=claimed_by_another, errorMessage=release it first,"
                                + " requestParameters={device=ABCDEF1234}, responseElements=null,"
                                + " additionalEventData={sequence={source=/services/x,"
                                + " epoch=e,"
                                + " number=7}},"
                                + " requestID=" + ID + ", eventID=" + ID + ", readOnly=false, eventType=AwsApiCall,"
                                + " managementEvent=true, eventCategory=Management}");
    }

    @Test
    void saysWhatAServiceSawOfADevice() {
        AuditRecord record = AuditRecord.refused(
                        "Publish", AuditCaller.device("ABCDEF1234", "acme"), Map.of(), "foreign-topic", "no", AT)
                .as(AuditRecord.Kind.SERVICE_EVENT, AuditRecord.Category.DATA)
                .with(Map.of("times", 3, "cloud", "main"));

        assertThat(record.toCloudTrail(ID, "bridge", "", new AuditPosition("/bridges/1", "e", 1)))
                .doesNotContainKeys("awsRegion", "sourceIPAddress", "userAgent")
                .containsEntry("eventType", "AwsServiceEvent")
                .containsEntry("managementEvent", false)
                .extracting("userIdentity", "additionalEventData")
                .hasToString("[{type=Device, principalId=ABCDEF1234, accountId=acme, userName=ABCDEF1234}, "
                        + "{cloud=main, times=3, sequence={source=/bridges/1, epoch=e, number=1}}]");
    }

    @Test
    void countsFromOneWithoutAGap() {
        AuditCounter counter = new AuditCounter("/services/files", "e");

        assertThat(List.of(counter.next(), counter.next()))
                .containsExactly(
                        new AuditPosition("/services/files", "e", 1), new AuditPosition("/services/files", "e", 2));
        assertThatIllegalArgumentException().isThrownBy(() -> new AuditPosition("/services/files", "e", 0));
    }
}
