package io.mooring.provisioning.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The policy of a session, evaluated: what is the device's own is allowed, a neighbour's is not. One row a case. */
class SessionPolicyTest {
    static final String CASES = """
            s3:GetObject,               arn:aws:s3:::fleet/main/ABCDEF1234/x,      '', '', true
            s3:PutObject,               arn:aws:s3:::fleet/main/ABCDEF1234/x/y,    '', '', true
            s3:DeleteObject,            arn:aws:s3:::fleet/main/ABCDEF1234/x,      '', '', true
            s3:AbortMultipartUpload,    arn:aws:s3:::fleet/main/ABCDEF1234/x,      '', '', true
            s3:ListMultipartUploadParts,arn:aws:s3:::fleet/main/ABCDEF1234/x,      '', '', true
            s3:GetObject,               arn:aws:s3:::fleet/main/ABCDEF1235/x,      '', '', false
            s3:PutObject,               arn:aws:s3:::fleet/main/ABCDEF1235/x,      '', '', false
            s3:DeleteObject,            arn:aws:s3:::fleet/main/ABCDEF1235/x,      '', '', false
            s3:AbortMultipartUpload,    arn:aws:s3:::fleet/main/ABCDEF1235/x,      '', '', false
            s3:ListMultipartUploadParts,arn:aws:s3:::fleet/main/ABCDEF1235/x,      '', '', false
            s3:GetObject,               arn:aws:s3:::fleet/other/ABCDEF1234/x,     '', '', false
            s3:GetObject,               arn:aws:s3:::fleet/main/ABCDEF12345/x,     '', '', false
            s3:GetObject,               arn:aws:s3:::elsewhere/main/ABCDEF1234/x,  '', '', false
            s3:GetObjectAcl,            arn:aws:s3:::fleet/main/ABCDEF1234/x,      '', '', false
            s3:ListBucket,              arn:aws:s3:::fleet,  s3:prefix, main/ABCDEF1234/,     true
            s3:ListBucket,              arn:aws:s3:::fleet,  s3:prefix, main/ABCDEF1234/logs, true
            s3:ListBucket,              arn:aws:s3:::fleet,  s3:prefix, main/ABCDEF1235/,     false
            s3:ListBucket,              arn:aws:s3:::fleet,  s3:prefix, main/,                false
            s3:ListBucket,              arn:aws:s3:::fleet,  '', '',                          false
            s3:DeleteBucket,            arn:aws:s3:::fleet,  '', '',                          false
            logs:CreateLogStream, arn:aws:logs:us-east-1:123456789012:log-group:devices:log-stream:ABCDEF1234,     '', '', true
            logs:PutLogEvents,    arn:aws:logs:us-east-1:123456789012:log-group:devices:log-stream:ABCDEF1234,     '', '', true
            logs:PutLogEvents,    arn:aws:logs:us-east-1:123456789012:log-group:devices:log-stream:ABCDEF1234/app, '', '', true
            logs:GetLogEvents,    arn:aws:logs:us-east-1:123456789012:log-group:devices:log-stream:ABCDEF1234,     '', '', true
            logs:CreateLogStream, arn:aws:logs:us-east-1:123456789012:log-group:devices:log-stream:ABCDEF1235,     '', '', false
            logs:PutLogEvents,    arn:aws:logs:us-east-1:123456789012:log-group:devices:log-stream:ABCDEF1235,     '', '', false
            logs:PutLogEvents,    arn:aws:logs:us-east-1:123456789012:log-group:devices:log-stream:ABCDEF12345,    '', '', false
            logs:PutLogEvents,    arn:aws:logs:us-east-1:123456789012:log-group:others:log-stream:ABCDEF1234,      '', '', false
            logs:GetLogEvents,    arn:aws:logs:us-east-1:123456789012:log-group:devices:log-stream:ABCDEF1235,     '', '', false
            logs:DeleteLogStream, arn:aws:logs:us-east-1:123456789012:log-group:devices:log-stream:ABCDEF1234,     '', '', false
            cloudwatch:PutMetricData, *, cloudwatch:namespace, Mooring/main/ABCDEF1234, true
            cloudwatch:PutMetricData, *, cloudwatch:namespace, Mooring/main/ABCDEF1235, false
            cloudwatch:PutMetricData, *, cloudwatch:namespace, AWS/EC2,                 false
            cloudwatch:PutMetricData, *, '', '',                                        false
            cloudwatch:GetMetricData, *, '', '',                                        false
            iam:CreateUser,           *, '', '',                                        false
            sts:AssumeRole,           arn:aws:iam::123456789012:role/devices, '', '',   false
            """;

    @ParameterizedTest
    @CsvSource(textBlock = CASES)
    void allowsWhatIsItsOwnAndNothingElse(String action, String resource, String key, String value, boolean allowed)
            throws Exception {
        PolicyEvaluator policy = new PolicyEvaluator(text("ABCDEF1234"));

        assertThat(policy.allows(action, resource, key.isEmpty() ? Map.of() : Map.of(key, value)))
                .isEqualTo(allowed);
    }

    @Test
    void isShortEnoughForAws() {
        assertThat(text("ABCDEF1234")).hasSizeLessThan(SessionPolicy.LONGEST / 2);
    }

    @Test
    void givesNoFilesAndLogsWhereThereAreNone() throws Exception {
        KeysConfig config = Configurations.of(Map.of());
        PolicyEvaluator policy = new PolicyEvaluator(
                SessionPolicy.of(config.aws(), Configurations.ROLE).text(Configurations.device("ABCDEF1234")));

        assertThat(policy.allows("s3:GetObject", "arn:aws:s3:::fleet/main/ABCDEF1234/x", Map.of()))
                .isFalse();
    }

    private static String text(String device) {
        KeysConfig config = Configurations.of(Configurations.aws(Map.of()));
        return SessionPolicy.of(config.aws(), Configurations.ROLE).text(Configurations.device(device));
    }
}
