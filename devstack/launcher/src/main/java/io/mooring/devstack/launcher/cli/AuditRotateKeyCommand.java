package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.process.StartException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./mooring audit rotate-key}. */
@Command(
        name = "rotate-key",
        description =
                "Has the trail signed with a new key, from a digest on that is made at once. The public half of the one"
                        + " before is served for ever.")
final class AuditRotateKeyCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Option(names = "--json", description = "Print the new key as one JSON document.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient api = ApiClient.audit(cloud.running())) {
            String former =
                    api.post("/v1/audit/keys", Map.of()).path("replaces").asText();
            long start = System.nanoTime();
            while (System.nanoTime() - start < PATIENCE.toNanos()) {
                JsonNode newest = newest(api);
                if (!newest.isMissingNode()
                        && !newest.path("Fingerprint").asText().equals(former)) {
                    print(newest, former);
                    return 0;
                }
                Thread.sleep(PAUSE);
            }
        }
        throw new StartException(
                "a new key was asked for, and the trail's store takes no digest now; once it does, the new"
                        + " key signs: see GET /v1/audit/keys");
    }

    /** The key that signs; missing if none does yet. */
    private static JsonNode newest(ApiClient api) {
        JsonNode keys = api.get("/v1/audit/keys").path("keys");
        return keys.path(keys.size() - 1);
    }

    private void print(JsonNode key, String former) {
        if (json) {
            Output.json(key);
            return;
        }
        System.out.println("signs from " + key.path("ValidityStartTime").asText() + " on: "
                + key.path("Fingerprint").asText());
        if (!former.isEmpty()) {
            System.out.println("signs no more: " + former);
        }
        System.err.println("Keep a copy of GET /v1/audit/keys elsewhere: a copy of before does not know the new key.");
    }
}
