package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.agent.enrol.Trust;
import io.mooring.devstack.launcher.Component;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A device's keys from birth to release, with the AWS CLI as the client: everything from provisioning to the folder. */
@ExtendWith(WholeCloud.class)
class AccessKeysIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ID = "ACCESSKEYS";

    @TempDir
    private Path folder;

    @Test
    void keepsFilesUntilItIsReleased(CloudAccess cloud, LocalCloud stack) throws Exception {
        requireAws();
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(ID, cloud)) {
            // Given a device of the cloud, and its keys
            String product = operator.createProduct("keys", "main", true);
            JsonNode claimed = JSON.readTree(device.register(product, true).body());
            String api = claimed.get("api").asText();
            String token = claimed.get("token").asText();
            device.provision(api, token);
            JsonNode keys = JSON.readTree(
                    device.post(api + "/tok/device/getCreds", token, "").body());
            Path file = Files.writeString(folder.resolve("up.txt"), "kept");
            String object = "s3://main/" + ID + "/logs/up.txt";

            // When it copies a file up and down, and by a signed URL
            assertThat(aws(stack, keys, "s3", "cp", file.toString(), object)).contains("upload:");
            Path down = folder.resolve("down.txt");
            assertThat(aws(stack, keys, "s3", "cp", object, down.toString())).contains("download:");
            String url = JSON.readTree(device.post(
                                    api + "/tok/file/getSignedUrl",
                                    token,
                                    "{\"id\":\"" + ID + "\",\"command\":\"get\",\"filename\":\"logs/up.txt\"}")
                            .body())
                    .asText();

            // Then it is the same
            assertThat(down).hasContent("kept");
            assertThat(get(stack, url)).isEqualTo("200 kept");

            // And once it is released, keys and URLs are worth nothing
            operator.release(ID);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(aws(stack, keys, "s3", "ls", "s3://main/" + ID + "/"))
                            .contains("InvalidAccessKeyId"));
            assertThat(get(stack, url)).startsWith("403").contains("InvalidAccessKeyId");
            assertThat(device.post(api + "/tok/device/getCreds", token, "").statusCode())
                    .isEqualTo(401);
        }
    }

    private static String get(LocalCloud stack, String url) throws Exception {
        try (HttpClient http = HttpClient.newBuilder()
                .sslContext(Trust.in(stack.authorityFile()).context())
                .build()) {
            var answer = http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }

    private String aws(LocalCloud stack, JsonNode keys, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("aws", "--endpoint-url", stack.url(Component.FILES)));
        command.addAll(List.of(arguments));
        Path said = Files.createTempFile(folder, "aws", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().put("AWS_ACCESS_KEY_ID", keys.get("accessKeyId").asText());
        builder.environment()
                .put("AWS_SECRET_ACCESS_KEY", keys.get("secretAccessKey").asText());
        builder.environment().put("AWS_SESSION_TOKEN", keys.get("sessionToken").asText());
        builder.environment().put("AWS_DEFAULT_REGION", keys.get("region").asText());
        builder.environment().put("AWS_CA_BUNDLE", stack.authorityFile().toString());
        builder.environment().put("AWS_CONFIG_FILE", "/dev/null");
        builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(said);
    }

    private static void requireAws() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("aws", "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException missing) {
            there = false;
        }
        String why = "the AWS CLI is missing: pip install awscli";
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(why);
        }
        if (!there) {
            System.err.println("\n*** SKIPPED: " + why + " ***\n");
        }
        Assumptions.assumeTrue(there, why);
    }
}
