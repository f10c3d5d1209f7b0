package io.mooring.audit.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.audit.store.BucketStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;

/** A bucket with object lock, played by moto. */
class BucketStoreIT {
    private static Process moto;
    private static S3Client client;
    private static BucketStore store;

    @BeforeAll
    static void start() throws Exception {
        boolean there;
        try {
            there = new ProcessBuilder("python3", "-c", "import moto.server")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noPython) {
            there = false;
        }
        String why = "S3 cannot be played: pip install 'moto[server]'";
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(why);
        }
        if (!there) {
            System.err.println("\n*** SKIPPED: " + why + " ***\n");
        }
        Assumptions.assumeTrue(there, why);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        moto = new ProcessBuilder("python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        client = S3Client.builder()
                .region(Region.US_EAST_1)
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
                .build();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .untilAsserted(() ->
                        client.createBucket(request -> request.bucket("trail").objectLockEnabledForBucket(true)));
        store = new BucketStore(
                client,
                "trail",
                Optional.of(new BucketStore.Lock(ObjectLockMode.COMPLIANCE, Duration.ofDays(7))),
                Clock.systemUTC());
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            client.close();
            moto.destroyForcibly();
        }
    }

    @Test
    void writesOnceAndLocksWhatItWrites() throws Exception {
        byte[] bytes = "digest".getBytes(StandardCharsets.UTF_8);

        assertThat(store.put("AWSLogs/a", bytes, Map.of("signature", "00ff"))).isTrue();
        assertThat(store.put("AWSLogs/a", new byte[] {1}, Map.of())).isFalse();
        assertThat(store.put("AWSLogs/b", bytes, Map.of())).isTrue();

        assertThat(store.get("AWSLogs/a")).contains(bytes);
        assertThat(store.get("AWSLogs/c")).isEmpty();
        assertThat(store.list("AWSLogs/", "", 10)).containsExactly("AWSLogs/a", "AWSLogs/b");
        assertThat(store.list("AWSLogs/", "AWSLogs/a", 10)).containsExactly("AWSLogs/b");
        HeadObjectResponse head =
                client.headObject(request -> request.bucket("trail").key("AWSLogs/a"));
        assertThat(head.metadata()).containsEntry("signature", "00ff");
        assertThat(head.objectLockMode()).isEqualTo(ObjectLockMode.COMPLIANCE);
        assertThat(head.objectLockRetainUntilDate()).isAfter(Instant.now().plus(Duration.ofDays(6)));
    }
}
