package io.mooring.files.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.contracts.access.AccessKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AWS CLI, as a person with a device's keys would use it. */
class AwsClientsIT {
    private static final String DEVICE = "ABCDEF1234";
    private static final String NEIGHBOUR = "ABCDEF1235";
    private static final int LARGE = 20 * 1024 * 1024;

    private static TestFiles files;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        files = TestFiles.start(Map.of("MOORING_FILES_LIMITS_OBJECT_BYTES", "67108864"));
        files.registry(DEVICE, "active", TestFiles.SINCE);
        files.registry(NEIGHBOUR, "active", TestFiles.SINCE);
    }

    @AfterAll
    static void stop() {
        files.close();
    }

    @Test
    void theCliCopiesUpAndDown() throws Exception {
        Tool.require("aws", "--version");
        Path large = random("large.bin", LARGE);
        AccessKey key = files.key(DEVICE);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> aws(key, "s3", "ls", "s3://main/" + DEVICE + "/").code() != 255);

        Tool.Ended up = aws(key, "s3", "cp", large.toString(), "s3://main/" + DEVICE + "/a dir/large & +.bin");
        assertThat(up.code()).as(up.said()).isZero();
        Tool.Ended list = aws(key, "s3", "ls", "--recursive", "s3://main/" + DEVICE + "/");
        assertThat(list.said()).contains("20971520 " + DEVICE + "/a dir/large & +.bin");
        Path down = folder.resolve("down.bin");
        Tool.Ended got = aws(key, "s3", "cp", "s3://main/" + DEVICE + "/a dir/large & +.bin", down.toString());
        assertThat(got.code()).as(got.said()).isZero();
        assertThat(Files.mismatch(large, down)).isEqualTo(-1);
    }

    private Path random(String name, int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(folder.resolve(name), bytes);
    }

    private static Tool.Ended aws(AccessKey key, String... arguments) throws IOException {
        String[] command = new String[arguments.length + 3];
        command[0] = "aws";
        command[1] = "--endpoint-url";
        command[2] = files.https();
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        Tool.Ended ended = Tool.run(files.environment(key), command);
        return ended;
    }
}
