package io.mooring.agent.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.db.TestDatabase;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncCodecTest {
    @Test
    void theBaseProtocolSaysWhichFieldsHaveNoValue(@TempDir Path folder) throws Exception {
        try (TestDatabase device = new TestDatabase(folder)) {
            device.sql(
                    "INSERT INTO reading (id, value, note) VALUES ('a', 1, 'gone')",
                    "UPDATE reading SET note = NULL WHERE id = 'a'");

            ObjectNode change = Objects.requireNonNull(new SyncCodec(TestDatabase.DEVICE, true)
                    .change(device.layout(), device.waiting().getFirst(), device.row("reading#a")));

            assertThat(change.at("/item/value").asInt()).isOne();
            assertThat(change.at("/item").has("note")).isTrue();
            assertThat(change.at("/item/note").isNull()).isTrue();
        }
    }
}
