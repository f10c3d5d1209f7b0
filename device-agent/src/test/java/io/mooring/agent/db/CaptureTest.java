package io.mooring.agent.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowState;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What any program writes by plain SQL is noticed, and waits to go up. */
class CaptureTest {
    private TestDatabase device;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        device = new TestDatabase(folder);
    }

    @AfterEach
    void close() throws SQLException {
        device.close();
    }

    @Test
    void anInsertedRowGetsItsKeyItsOwnerItsTimeAndAClock() throws Exception {
        device.sql("INSERT INTO reading (id, value) VALUES ('a', 20.5)");

        assertThat(device.waiting()).singleElement().satisfies(row -> {
            assertThat(row.model()).isEqualTo("Reading");
            assertThat(row.key()).isEqualTo("reading#a");
            assertThat(row.dirty()).containsExactly("*");
        });
        assertThat(device.access.query("SELECT sk, device_id, account_id, updated FROM reading"))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("sk", "reading#a")
                        .containsEntry("device_id", TestDatabase.DEVICE)
                        .containsEntry("account_id", "main")
                        .hasEntrySatisfying(
                                "updated",
                                at -> assertThat(at.toString()).matches("\\d{4}-\\d\\d-\\d\\dT[0-9:]{8}\\.\\d{3}Z")));
        assertThat(device.row("reading#a").clock().base())
                .satisfies(at -> assertThat(at.writer()).isEqualTo(TestDatabase.DEVICE));
        assertThat(device.row("reading#a").values()).containsOnlyKeys("id", "value");
    }

    @Test
    void aRowThatOneFieldBringsBackIsStillNamedByItsKey() throws Exception {
        HybridTimestamp inserted = TestDatabase.cloud(1);
        HybridTimestamp removed = TestDatabase.cloud(2);
        device.arrives("reading#a", TestDatabase.written(inserted, Map.of("id", "a", "value", 1)));
        device.sql("UPDATE reading SET note = 'mine'");
        device.waiting();

        device.arrives("reading#a", RowState.removed(removed));

        assertThat(device.access.query("SELECT id, value, note FROM reading"))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("id", "a")
                        .containsEntry("value", null)
                        .containsEntry("note", "mine"));
    }

    @Test
    void aRowWithoutAnIdGetsAUlid() throws Exception {
        device.sql("INSERT INTO reading (value) VALUES (1)", "INSERT INTO reading (value) VALUES (2)");

        assertThat(device.waiting())
                .hasSize(2)
                .allSatisfy(row -> assertThat(row.key()).matches("reading#[0-7][0-9A-HJKMNP-TV-Z]{25}"));
    }

    @Test
    void anUpdateNamesTheFieldsThatChangedAndNoOthers() throws Exception {
        device.sql("INSERT INTO reading (id, value, unit) VALUES ('a', 1, 'K')");
        acknowledgeAll();

        device.sql("UPDATE reading SET value = 2, unit = 'K' WHERE id = 'a'");

        assertThat(device.waiting())
                .singleElement()
                .satisfies(row -> assertThat(row.dirty()).containsExactly("value"));
        assertThat(device.row("reading#a").clock().fields()).containsOnlyKeys("value");
    }

    @Test
    void anUpdateThatChangesNothingIsNone() throws Exception {
        device.sql("INSERT INTO reading (id, value) VALUES ('a', 1)");
        acknowledgeAll();

        device.sql("UPDATE reading SET value = 1.0");

        assertThat(device.waiting()).isEmpty();
    }

    @Test
    void whatIsWrittenOftenWaitsOnceAndTheLastValueCounts() throws Exception {
        device.sql("INSERT INTO reading (id, value) VALUES ('a', 1)");
        for (int i = 2; i < 50; i++) {
            device.sql("UPDATE reading SET value = " + i);
        }

        assertThat(device.waiting()).hasSize(1);
        assertThat(device.row("reading#a").values())
                .hasEntrySatisfying("value", v -> assertThat(v.intValue()).isEqualTo(49));
    }

    @Test
    void aDeletedRowLeavesATombstone() throws Exception {
        device.sql("INSERT INTO reading (id, value) VALUES ('a', 1)");
        acknowledgeAll();

        device.sql("DELETE FROM reading");

        assertThat(device.waiting())
                .singleElement()
                .satisfies(row -> assertThat(row.dirty()).containsExactly("-"));
        assertThat(device.row("reading#a").clock().isLive()).isFalse();
    }

    @Test
    void aRowThatIsReplacedIsWhole() throws Exception {
        device.sql("INSERT INTO reading (id, value, unit) VALUES ('a', 1, 'K')");
        acknowledgeAll();

        device.sql("INSERT OR REPLACE INTO reading (id, value) VALUES ('a', 2)");

        assertThat(device.waiting())
                .singleElement()
                .satisfies(row -> assertThat(row.dirty()).containsExactly("*"));
        assertThat(device.row("reading#a").values()).containsOnlyKeys("id", "value");
    }

    @Test
    void anInsertThatIsIgnoredLeavesNothingBehind() throws Exception {
        device.sql("INSERT INTO reading (id, value) VALUES ('a', 1)");
        acknowledgeAll();

        device.sql("INSERT OR IGNORE INTO reading (id, value) VALUES ('a', 2)");

        assertThat(device.waiting()).isEmpty();
        assertThat(device.access.query("SELECT value FROM reading")).containsExactly(Map.of("value", 1));
    }

    @Test
    void anUpsertByKeyIsAnUpdate() throws Exception {
        device.sql("INSERT INTO reading (id, value) VALUES ('a', 1)");
        acknowledgeAll();

        device.sql("INSERT INTO reading (sk, id, value) VALUES ('reading#a', 'a', 2)"
                + " ON CONFLICT (sk) DO UPDATE SET value = excluded.value");

        assertThat(device.waiting())
                .singleElement()
                .satisfies(row -> assertThat(row.dirty()).containsExactly("value"));
    }

    @Test
    void aRowThatChangesItsKeyGoesAndComes() throws Exception {
        device.sql("INSERT INTO reading (id, value) VALUES ('a', 1)");
        acknowledgeAll();

        device.sql("UPDATE reading SET sk = 'reading#b', id = 'b'");

        assertThat(device.waiting()).extracting(PendingRow::key).containsExactlyInAnyOrder("reading#a", "reading#b");
        assertThat(device.row("reading#a").clock().isLive()).isFalse();
        assertThat(device.row("reading#b").clock().isLive()).isTrue();
    }

    @Test
    void aRowWithoutItsKeyIsRefused() {
        assertThatThrownBy(() -> device.sql("INSERT INTO store (value) VALUES ('x')"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("a row needs key, its key");
    }

    @Test
    void aTransactionThatIsRolledBackLeavesNothing() throws Exception {
        device.sql("BEGIN", "INSERT INTO reading (id, value) VALUES ('a', 1)", "ROLLBACK");

        assertThat(device.waiting()).isEmpty();
    }

    @Test
    void othersAreNoticedAndOneselfIsNot() throws Exception {
        assertThat(device.database.changedByOthers()).isFalse();
        device.access.putAll("Reading", java.util.List.of(Map.of("id", "a", "value", 1)));
        assertThat(device.database.changedByOthers()).isFalse();

        device.sql("INSERT INTO reading (id, value) VALUES ('b', 1)");

        assertThat(device.database.changedByOthers()).isTrue();
        assertThat(device.database.changedByOthers()).isFalse();
    }

    @Test
    void whatComesFromTheCloudDoesNotGoBackUp() throws Exception {
        device.arrives(
                "reading#a",
                TestDatabase.written(TestDatabase.cloud(TestDatabase.START), Map.of("id", "a", "value", 7)));

        assertThat(device.waiting()).isEmpty();
        assertThat(device.access.query("SELECT sk, value, device_id FROM reading"))
                .containsExactly(Map.of("sk", "reading#a", "value", 7, "device_id", TestDatabase.DEVICE));
    }

    @Test
    void ofRowsOfOneMillisecondWithoutClocksOfFieldsTheOneThatComesLastStands() throws Exception {
        HybridTimestamp at =
                new HybridTimestamp(TestDatabase.START, HybridTimestamp.MAX_COUNTER, HybridTimestamp.CLOUD);
        device.arrives("reading#a", TestDatabase.written(at, Map.of("id", "a", "value", 9, "note", "an echo")));

        RemoteRow.Outcome outcome =
                device.arrives("reading#a", TestDatabase.written(at, Map.of("id", "a", "value", 7)));

        assertThat(outcome).isEqualTo(RemoteRow.Outcome.MODIFIED);
        assertThat(device.access.query("SELECT value, note FROM reading"))
                .singleElement()
                .satisfies(row -> assertThat(row).containsEntry("value", 7).containsEntry("note", null));

        assertThat(device.arrives("reading#a", RowState.removed(at))).isEqualTo(RemoteRow.Outcome.REMOVED);
        assertThat(device.arrives("reading#a", TestDatabase.written(at, Map.of("id", "a", "value", 8))))
                .isEqualTo(RemoteRow.Outcome.INSERTED);
        assertThat(device.waiting()).isEmpty();
    }

    @Test
    void clocksGoOnAboveThoseOfBefore(@TempDir Path folder) throws Exception {
        RowState<?> before;
        try (TestDatabase first = new TestDatabase(folder)) {
            first.access.putAll("Reading", java.util.List.of(Map.of("id", "a", "value", 1)));
            first.waiting();
            before = first.row("reading#a");
        }
        try (TestDatabase second = new TestDatabase(folder)) {
            second.sql("UPDATE _change SET at = '1999-01-01T00:00:00.000Z'");
            second.access.patch("Reading", "reading#a", Map.of("value", 2));
            second.sql("UPDATE _change SET at = '1999-01-01T00:00:00.000Z'");
            second.waiting();

            assertThat(second.row("reading#a").clock().latest())
                    .isGreaterThan(before.clock().latest());
        }
    }

    @Test
    void aFieldTheSchemaDoesNotKnowIsKept() throws Exception {
        device.arrives(
                "reading#a",
                TestDatabase.written(
                        TestDatabase.cloud(TestDatabase.START), Map.of("id", "a", "colour", "red", "size", 3)));

        assertThat(device.row("reading#a").values()).containsKeys("id", "colour", "size");
    }

    private void acknowledgeAll() throws SQLException {
        for (PendingRow row : device.waiting()) {
            assertThat(device.database.<Boolean>write(db -> device.queue.acknowledge(db, row)))
                    .isTrue();
        }
    }
}
