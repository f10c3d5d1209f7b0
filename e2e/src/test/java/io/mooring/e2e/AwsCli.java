package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** {@code aws iot-data}, and boto3, against a cloud's messaging, with access keys as {@code getCreds} answers them. */
final class AwsCli {
    private static final JsonMapper JSON = new JsonMapper();

    private final Devstack stack;
    private final JsonNode keys;
    private final Path folder;

    private record Ended(int code, String said) {}

    AwsCli(Devstack stack, JsonNode keys, Path folder) {
        this.stack = stack;
        this.keys = keys;
        this.folder = folder;
    }

    /** Skips the test loudly where the CLI is missing; on continuous integration it may not be. */
    static void require() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("python3", "-c", "import awscli, boto3")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException missing) {
            there = false;
        }
        String why = "the AWS CLI or boto3 is missing: pip install awscli boto3";
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(why);
        }
        if (!there) {
            System.err.println("\n*** SKIPPED: " + why + " ***\n");
        }
        Assumptions.assumeTrue(there, why);
    }

    /** A call about a shadow, which must be done; its answer. */
    JsonNode shadow(String call, String[] arguments, @Nullable String payload) throws Exception {
        Path answer = Files.createTempFile(folder, "answer", ".json");
        Ended ended = call(call, arguments, payload, answer);
        assertThat(ended.code()).describedAs(ended.said()).isZero();
        return JSON.readTree(Files.readString(answer));
    }

    /** A call about a shadow, which must not be done; what the CLI says. */
    String refused(String call, String[] arguments, @Nullable String payload) throws Exception {
        Ended ended = call(call, arguments, payload, folder.resolve("nothing"));
        assertThat(ended.code()).describedAs(ended.said()).isNotZero();
        return ended.said();
    }

    /** Another call, which must be done; what the CLI says. */
    String run(String... call) throws Exception {
        Ended ended = aws(List.of(call));
        assertThat(ended.code()).describedAs(ended.said()).isZero();
        return ended.said();
    }

    /** Another call, which must not be done; what the CLI says. */
    String refused(String... call) throws Exception {
        Ended ended = aws(List.of(call));
        assertThat(ended.code()).describedAs(ended.said()).isNotZero();
        return ended.said();
    }

    /** What a script of the test's resources says that uses boto3: endpoint, authority and thing are its arguments. */
    String boto3(String script, String thing) throws Exception {
        Path file = folder.resolve(script);
        try (InputStream text = AwsCli.class.getResourceAsStream("/" + script)) {
            Files.copy(Objects.requireNonNull(text, script), file, StandardCopyOption.REPLACE_EXISTING);
        }
        Ended ended = run(List.of(
                "python3",
                file.toString(),
                stack.url(Component.MESSAGING),
                stack.authorityFile().toString(),
                thing));
        assertThat(ended.code()).describedAs(ended.said()).isZero();
        return ended.said();
    }

    private Ended call(String call, String[] arguments, @Nullable String payload, Path answer) throws Exception {
        List<String> command = new ArrayList<>(List.of(call));
        command.addAll(List.of(arguments));
        if (payload != null) {
            command.addAll(List.of("--payload", payload));
        }
        command.add(answer.toString());
        return aws(command);
    }

    private Ended aws(List<String> arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("aws", "--endpoint-url", stack.url(Component.MESSAGING), "iot-data"));
        command.addAll(arguments);
        return run(command);
    }

    private Ended run(List<String> command) throws Exception {
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
        builder.environment().put("AWS_MAX_ATTEMPTS", "2");
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(said));
    }
}
