package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.devstack.launcher.Component;
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

/**
 * {@code aws iot-data}, and boto3, against a cloud's messaging, with access keys as {@code getCreds} answers them; and AWS'
 * SDK for devices, against its broker.
 */
final class AwsCli {
    private static final JsonMapper JSON = new JsonMapper();

    private final LocalCloud stack;
    private final JsonNode keys;
    private final Path folder;

    private record Ended(int code, String said) {}

    AwsCli(LocalCloud stack, JsonNode keys, Path folder) {
        this.stack = stack;
        this.keys = keys;
        this.folder = folder;
    }

    /** Skips the test loudly where the CLI is missing; on continuous integration it may not be. */
    static void require() throws InterruptedException {
        boolean there = imports("awscli, boto3");
        String why = "the AWS CLI or boto3 is missing: pip install awscli boto3";
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(why);
        }
        if (!there) {
            System.err.println("\n*** SKIPPED: " + why + " ***\n");
        }
        Assumptions.assumeTrue(there, why);
    }

    private static boolean imports(String modules) throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "-c", "import " + modules)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException missing) {
            return false;
        }
    }

    /** Skips the test loudly where AWS' SDK for devices is missing. */
    static void requireDeviceSdk() throws InterruptedException {
        boolean there = imports("awsiot");
        if (!there) {
            System.err.println("\n*** SKIPPED: AWS' SDK for devices is missing: pip install awsiotsdk ***\n");
        }
        Assumptions.assumeTrue(there, "AWS' SDK for devices is missing: pip install awsiotsdk");
    }

    /**
     * What a script of the test's resources says that uses AWS' SDK for devices: broker's port, authority, certificate,
     * key and thing are its arguments.
     */
    static String deviceSdk(String script, LocalCloud stack, JsonNode provisioned, String thing, Path folder)
            throws Exception {
        Path certificate = folder.resolve("certificate.pem");
        Path key = folder.resolve("key.pem");
        Files.writeString(certificate, provisioned.get("certificate").asText());
        Files.writeString(key, provisioned.get("key").asText());
        Path said = folder.resolve("said.txt");
        Process process = new ProcessBuilder(
                        "python3",
                        resource(script, folder).toString(),
                        Integer.toString(stack.port(Component.BROKER)),
                        stack.authorityFile().toString(),
                        certificate.toString(),
                        key.toString(),
                        thing)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        boolean ended = process.waitFor(90, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).describedAs(Files.readString(said)).isTrue();
        assertThat(process.exitValue()).describedAs(Files.readString(said)).isZero();
        return Files.readString(said);
    }

    private static Path resource(String script, Path folder) throws IOException {
        Path file = folder.resolve(script);
        try (InputStream text = AwsCli.class.getResourceAsStream("/" + script)) {
            Files.copy(Objects.requireNonNull(text, script), file, StandardCopyOption.REPLACE_EXISTING);
        }
        return file;
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
        Ended ended = run(List.of(
                "python3",
                resource(script, folder).toString(),
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
