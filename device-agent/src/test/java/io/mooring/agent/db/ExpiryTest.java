package io.mooring.agent.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a device forgets by itself, and what it finds that the cloud has forgotten. */
class ExpiryTest {
    private static final long MINUTE = 60_000;

    private TestDatabase device;

    @BeforeEach
    void open(@TempDir Path folder) throws Exception {
        device = new TestDatabase(folder);
    }

    @AfterEach
    void close() throws SQLException {
        device.close();
    }

    private static String in(long millis) {
        return HybridTimestamp.formatMillis(TestDatabase.START + millis);
    }

    private List<String> forgetAt(long millis) throws SQLException {
        List<String> gone = new ArrayList<>();
        device.waiting();
        if (device.database.<Boolean>read(db -> Expiry.isDue(db, TestDatabase.START + millis))) {
            device.database.changeUnnoticed(db ->
                    Expiry.forget(db, device.rows, TestDatabase.START + millis).forEach(row -> gone.add(row.key())));
        }
        return gone;
    }

    @Test
    void rowsGoWhenTheirTimeHasComeAndNothingIsSaidOfIt() throws Exception {
        device.sql("INSERT INTO store (key, value, expires) VALUES ('a', 1, '" + in(0) + "'), ('b', 2, '"
                + in(60 * MINUTE) + "'), ('c', 3, NULL), ('d', 4, 'never')");

        assertThat(forgetAt(4 * MINUTE)).as("other clocks may be behind").isEmpty();
        assertThat(forgetAt(6 * MINUTE)).containsExactly("s#a");
        assertThat(forgetAt(7 * MINUTE)).isEmpty();
        assertThat(device.access.query("SELECT key FROM store ORDER BY key")).hasSize(3);
        assertThat(device.waiting()).extracting(PendingRow::key).containsExactlyInAnyOrder("s#b", "s#c", "s#d");
        assertThat(device.database.<RowClock>read(db -> device.rows.clock(db, "Store", "s#a")))
                .as("as if it had never been: should the cloud have prolonged it, it comes back")
                .isEqualTo(RowClock.NEVER);
    }

    @Test
    void nothingGoesWhileTheCloudDoubtsTheClockAndAllIsAskedForAnewOnce() throws Exception {
        device.sql("INSERT INTO store (key, expires) VALUES ('a', '" + in(0) + "'), ('b', '" + in(60 * MINUTE) + "')");
        assertThat(forgetAt(10 * MINUTE)).containsExactly("s#a");

        assertThat(device.database.<Boolean>write(Expiry::clockDoubted))
                .as("all is to be asked for anew")
                .isTrue();
        assertThat(device.database.<Boolean>write(Expiry::clockDoubted)).isFalse();
        assertThat(forgetAt(100 * MINUTE)).isEmpty();
        device.database.change(Expiry::clockBelieved);
        assertThat(forgetAt(100 * MINUTE)).containsExactly("s#b");
    }

    @Test
    void removalsAreForgottenWhenTheyAreLongPastAndTheCloudKnows() throws Exception {
        device.arrives("reading#old", RowState.removed(TestDatabase.cloud(TestDatabase.START)));
        device.arrives("reading#new", RowState.removed(TestDatabase.cloud(TestDatabase.START + 3_600_000)));
        device.sql("INSERT INTO reading (id) VALUES ('mine')", "DELETE FROM reading");
        device.waiting();
        long later = TestDatabase.START + Expiry.REMOVALS_KEPT.toMillis() + 1_800_000;

        device.database.change(db -> Expiry.forgetRemovals(db, later));

        assertThat(device.access.query("SELECT sk FROM _clock WHERE model = 'Reading' ORDER BY sk"))
                .extracting(row -> row.get("sk"))
                .containsExactly("reading#mine", "reading#new");
    }

    @Test
    void rowsOfWhichTheCloudNoLongerSpeaksGo() throws Exception {
        HybridTimestamp at = TestDatabase.cloud(TestDatabase.START);
        device.arrives("reading#gone", TestDatabase.written(at, Map.of("id", "gone")));
        device.arrives("reading#kept", TestDatabase.written(at, Map.of("id", "kept")));
        device.database.change(db -> Listing.seen(db, "Reading", "reading#gone"));
        device.database.change(Listing::begin);
        device.arrives("reading#kept", TestDatabase.written(at, Map.of("id", "kept")));
        device.database.change(db -> Listing.seen(db, "Reading", "reading#kept"));
        device.sql("INSERT INTO reading (id) VALUES ('waiting')");
        device.waiting();

        assertThat(end("Store")).isEmpty();
        assertThat(end("Reading", "Unknown")).containsExactly("reading#gone");
        assertThat(device.access.query("SELECT sk FROM reading ORDER BY sk"))
                .extracting(row -> row.get("sk"))
                .containsExactly("reading#kept", "reading#waiting");
    }

    private List<String> end(String... models) throws SQLException {
        List<String> gone = new ArrayList<>();
        device.database.changeUnnoticed(
                db -> Listing.end(db, device.rows, List.of(models)).forEach(row -> gone.add(row.key())));
        return gone;
    }
}
