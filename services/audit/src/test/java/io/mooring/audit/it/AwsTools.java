package io.mooring.audit.it;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The unchanged AWS CLI, with an operator's access key. */
record AwsTools(Devstack stack, JsonNode key, Path folder) {
    /** How it ended, and what it said. */
    record Ended(int code, String said) {}

    /** Skips the test loudly where the CLI is missing; on continuous integration it may not be. */
    static void require() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("python3", "-c", "import awscli")
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

    /** Verifies all of the last hours. */
    Ended validate() throws Exception {
        Instant now = Instant.now();
        return validate(now.minus(Duration.ofHours(5)), now);
    }

    /** Verifies what happened between these two. */
    Ended validate(Instant from, Instant to) throws Exception {
        return aws(
                "cloudtrail",
                "validate-logs",
                "--verbose",
                "--trail-arn",
                "arn:aws:cloudtrail:local-1:000000000000:trail/mooring-trail",
                "--start-time",
                from.truncatedTo(ChronoUnit.SECONDS).toString(),
                "--end-time",
                to.truncatedTo(ChronoUnit.SECONDS).toString());
    }

    Ended lookup(String device) throws Exception {
        return aws(
                "cloudtrail",
                "lookup-events",
                "--lookup-attributes",
                "AttributeKey=ResourceName,AttributeValue=" + device);
    }

    /** The public keys that were good some time between these two. */
    Ended publicKeys(Instant from, Instant to) throws Exception {
        return aws(
                "cloudtrail",
                "list-public-keys",
                "--start-time",
                from.toString(),
                "--end-time",
                to.toString(),
                "--query",
                "PublicKeyList[].Fingerprint",
                "--output",
                "text");
    }

    private Ended aws(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("aws"));
        command.addAll(List.of(arguments));
        Path said = Files.createTempFile(folder, "aws", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment()
                .putAll(Map.of(
                        "AWS_ACCESS_KEY_ID", key.path("accessKeyId").asText(),
                        "AWS_SECRET_ACCESS_KEY", key.path("secretAccessKey").asText(),
                        "AWS_SESSION_TOKEN", key.path("sessionToken").asText(),
                        "AWS_DEFAULT_REGION", "local-1",
                        "AWS_CA_BUNDLE", stack.authorityFile().toString(),
                        "AWS_CONFIG_FILE", "/dev/null",
                        "AWS_MAX_ATTEMPTS", "2",
                        "AWS_ENDPOINT_URL_S3", stack.url(Component.AUDIT),
                        "AWS_ENDPOINT_URL_CLOUDTRAIL", stack.url(Component.AUDIT)));
        Process process = builder.start();
        Assertions.assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        return new Ended(process.exitValue(), Files.readString(said));
    }
}
