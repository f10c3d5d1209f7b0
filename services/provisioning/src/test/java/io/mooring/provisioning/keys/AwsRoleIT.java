package io.mooring.provisioning.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.provisioning.core.Outcome;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The way by AssumeRole: Mooring holds keys of AWS, devices get a session of a role with a policy of their own. */
class AwsRoleIT {
    private static Moto moto;
    private static AwsKeys keys;

    @BeforeAll
    static void start() throws Exception {
        moto = Moto.start(true);
        System.setProperty("aws.accessKeyId", moto.account("id"));
        System.setProperty("aws.secretAccessKey", moto.account("secret"));
        keys = new AwsKeys(
                Configurations.of(Configurations.aws(Map.of(
                        "aws.role-arn", moto.account("role"),
                        "aws.sts-endpoint", moto.stsEndpoint(),
                        "aws.s3-endpoint", moto.endpoint()))),
                Optional.empty());
    }

    @AfterAll
    static void stop() throws Exception {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        if (moto != null) {
            moto.close();
        }
    }

    @Test
    void givesKeysThatWorkWithAPolicyForTheDeviceAlone() throws Exception {
        Credentials credentials = issued("ABCDEF1234", Instant.now());
        Map<String, String> asked = moto.lastAsked();

        assertThat(asked)
                .containsEntry("Action", "AssumeRole")
                .containsEntry("RoleSessionName", "ABCDEF1234")
                .containsEntry("DurationSeconds", "3600")
                .containsValues("cloud", "main", "account", "acme", "device");
        PolicyEvaluator policy = new PolicyEvaluator(asked.getOrDefault("Policy", ""));
        assertThat(policy.allows("s3:PutObject", "arn:aws:s3:::fleet/main/ABCDEF1234/x", Map.of()))
                .isTrue();
        assertThat(policy.allows("s3:PutObject", "arn:aws:s3:::fleet/main/ABCDEF1235/x", Map.of()))
                .isFalse();
        try (S3Client s3 = s3(credentials)) {
            s3.putObject(put -> put.bucket("fleet").key("main/ABCDEF1234/x"), RequestBody.fromString("kept"));
            assertThat(s3.getObjectAsBytes(get -> get.bucket("fleet").key("main/ABCDEF1234/x"))
                            .asUtf8String())
                    .isEqualTo("kept");
        }
    }

    @Test
    void asksAwsAgainOnlyWhenHalfTheLifeIsOver() {
        Instant now = Instant.now();
        Credentials first = issued("ABCDEF1236", now);
        int times = moto.timesAsked();

        assertThat(issued("ABCDEF1236", now.plusSeconds(1_500))).isEqualTo(first);
        assertThat(moto.timesAsked()).isEqualTo(times);
        assertThat(issued("ABCDEF1236", now.plusSeconds(2_000))).isNotEqualTo(first);
        assertThat(moto.timesAsked()).isEqualTo(times + 1);
    }

    private static Credentials issued(String device, Instant now) {
        return ((Outcome.Done<Credentials>) keys.issue(Configurations.device(device), now)).value();
    }

    static S3Client s3(Credentials credentials) {
        return S3Client.builder()
                .endpointOverride(URI.create(moto.endpoint()))
                .forcePathStyle(true)
                .region(Region.of(credentials.region()))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(AwsSessionCredentials.create(
                        credentials.keyId(), credentials.secret(), credentials.sessionToken())))
                .build();
    }
}
