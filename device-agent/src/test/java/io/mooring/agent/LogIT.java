package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.agent.log.LogSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A device's logs go up over its connection, on-line again as soon as it is. */
class LogIT extends JoinedDevices {
    @Test
    void linesWaitForTheConnectionAndGoUpOnce() throws Exception {
        Path log = Files.writeString(folder.resolve("app.log"), "before it joined\n");
        Path settings = Files.writeString(
                folder.resolve("logs.json"),
                "{\"gatherSeconds\":0.1,\"sources\":[{\"name\":\"app\",\"file\":\"" + log + "\",\"from\":\"start\"}]}");
        DeviceAgent agent = ready(config().logs(LogSettings.read(settings)).build());
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cloud.logged)
                        .extracting(line -> line.path("text").asText())
                        .containsExactly("before it joined"));

        agent.goOffline();
        Files.writeString(log, "while it was away\n", StandardOpenOption.APPEND);
        agent.goOnline();

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cloud.logged)
                        .extracting(line -> line.path("text").asText())
                        .containsExactly("before it joined", "while it was away"));
    }

    @Test
    void anotherAccountHearsNothingOfWhatWasLoggedForTheOneBefore() throws Exception {
        Path log = Files.writeString(folder.resolve("app.log"), "");
        Path settings = Files.writeString(
                folder.resolve("logs.json"),
                "{\"gatherSeconds\":0.1,\"sources\":[{\"name\":\"app\",\"file\":\"" + log + "\",\"from\":\"start\"}]}");
        DeviceAgent agent = ready(config().logs(LogSettings.read(settings)).build());
        untilNothingWaits(agent);
        cloud.online = false;
        Files.writeString(log, "secret\n", StandardOpenOption.APPEND);
        await().atMost(SOON).until(() -> waiting(agent) == 1);
        cloud.account = "other";
        cloud.forgetRows(agent.id());
        cloud.tell(agent.id(), "provision/release", Long.toString(System.currentTimeMillis()));
        await().atMost(SOON).until(() -> waiting(agent) == 0);

        cloud.online = true;
        Files.writeString(log, "open\n", StandardOpenOption.APPEND);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cloud.logged)
                        .extracting(line -> line.path("text").asText())
                        .containsExactly("open"));
    }

    /** How many batches are on the disk. */
    private static long waiting(DeviceAgent agent) throws IOException {
        try (Stream<Path> files = Files.list(agent.folder().resolve("logs"))) {
            return files.filter(file -> file.toString().endsWith(".batch")).count();
        }
    }
}
