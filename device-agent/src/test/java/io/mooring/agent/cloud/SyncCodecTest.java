package io.mooring.agent.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.Schemas;
import io.mooring.agent.db.PendingRow;
import io.mooring.agent.db.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
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

    @Test
    void ofARowThatOnlyGoesUpItSaysWhatTheDeviceClearedAndNothingOfOthersFields(@TempDir Path folder) throws Exception {
        try (TestDatabase device = TestDatabase.at(folder, Schemas.of(upOnly(folder)), TestDatabase.START, true)) {
            device.sql("INSERT INTO reading (id, value, note) VALUES ('a', 1, 'gone')");
            PendingRow inserted = device.waiting().getFirst();
            device.database.change(db -> device.queue.acknowledge(db, inserted));
            device.sql("UPDATE reading SET note = NULL WHERE id = 'a'");

            ObjectNode change = Objects.requireNonNull(new SyncCodec(TestDatabase.DEVICE, true)
                    .change(device.layout(), device.waiting().getFirst(), device.row("reading#a")));

            assertThat(change.at("/item").has("note")).isTrue();
            assertThat(change.at("/item/note").isNull()).isTrue();
            assertThat(change.at("/item").has("by")).isFalse();
        }
    }

    private static Path upOnly(Path folder) throws IOException {
        return Files.writeString(folder.resolve("up.json5"), """
                {format: 'onetable:1.1.0', version: '1',
                 models: {Reading: {pk: {type: 'string', value: 'reading#${accountId}#${deviceId}'},
                   sk: {type: 'string', value: 'reading#${id}'}, id: {type: 'string'}, accountId: {type: 'string'},
                   deviceId: {type: 'string'}, value: {type: 'number'}, note: {type: 'string'},
                   by: {type: 'string'}, updated: {type: 'date'}}},
                 process: {Reading: {enable: 'both', sync: 'up'}}, params: {isoDates: true, typeField: '_type'}}
                """);
    }

    @Test
    void aWriteOfTheWholeRowSaysNothingOfTheRemovalBeforeIt(@TempDir Path folder) throws Exception {
        try (TestDatabase device = new TestDatabase(folder)) {
            device.sql(
                    "INSERT INTO reading (id, value) VALUES ('a', 1)",
                    "DELETE FROM reading",
                    "INSERT INTO reading (id, value) VALUES ('a', 2)",
                    "UPDATE reading SET value = 3");

            ObjectNode change = Objects.requireNonNull(new SyncCodec(TestDatabase.DEVICE, false)
                    .change(device.layout(), device.waiting().getFirst(), device.row("reading#a")));

            assertThat(change.at("/fields").has("*")).isTrue();
            assertThat(change.at("/fields").has("-")).isFalse();
        }
    }
}
