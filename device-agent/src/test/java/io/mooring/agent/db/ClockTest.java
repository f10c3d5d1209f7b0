package io.mooring.agent.db;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No two writes of a row get one clock, whatever becomes of the device and its wall clock between them. */
class ClockTest {
    private static final String KEY = "reading#a";
    private static final long START = System.currentTimeMillis();

    @TempDir
    Path folder;

    /** Opens the device's database, with a wall clock that is off by so much. */
    private TestDatabase open(Path where, Duration off) throws SQLException, IOException {
        return TestDatabase.atWallClock(where, START + off.toMillis(), false);
    }

    private static HybridTimestamp write(TestDatabase device, int value) throws SQLException {
        device.sql("INSERT INTO reading (sk, id, value) VALUES ('reading#a', 'a', " + value
                + ") ON CONFLICT (sk) DO UPDATE SET value = excluded.value");
        device.waiting();
        return Objects.requireNonNull(device.row(KEY).clock().of("value"));
    }

    private static void risesStrictly(List<HybridTimestamp> clocks) {
        assertThat(clocks).isSorted().doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT4M", "P730D", "P-1095D"})
    void goesOnAboveItselfWhenClosedAndOpened(Duration off) throws Exception {
        List<HybridTimestamp> clocks = new ArrayList<>();
        List<Duration> offs = List.of(off, Duration.ZERO, Duration.ofDays(-1095), off, Duration.ZERO);
        int value = 0;
        for (Duration now : offs) {
            try (TestDatabase device = open(folder, now)) {
                clocks.add(write(device, value++));
                clocks.add(write(device, value++));
            }
        }
        risesStrictly(clocks);
    }

    @Test
    void goesOnAboveWhatItHeardOfOtherRowsBefore() throws Exception {
        HybridTimestamp ahead = TestDatabase.cloud(START + 240_000);
        try (TestDatabase device = open(folder, Duration.ZERO)) {
            device.arrives("reading#b", TestDatabase.written(ahead, Map.of("id", "b")));
        }
        try (TestDatabase device = open(folder, Duration.ZERO)) {
            assertThat(write(device, 1)).isGreaterThan(ahead);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT4M", "P730D"})
    void goesOnAboveItselfAfterAPowerCut(Duration ahead) throws Exception {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        List<HybridTimestamp> clocks = new ArrayList<>();
        try (TestDatabase device = open(folder, ahead)) {
            clocks.add(write(device, 1));
            clocks.add(write(device, 2));
            copyFiles(folder, copy);
        }
        try (TestDatabase device = open(copy, Duration.ZERO)) {
            clocks.add(write(device, 3));
        }
        risesStrictly(clocks);
    }

    /** Both lives begin with the same database, and a wall clock that does not get on. */
    @Test
    void twoLivesOfOneCopyHardlyEverGiveOutTheSame() throws Exception {
        try (TestDatabase device = open(folder, Duration.ofMinutes(4))) {
            write(device, 0);
        }
        List<HybridTimestamp> first = new ArrayList<>();
        List<HybridTimestamp> other = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            first.add(lifeOfACopy("first-" + i));
            other.add(lifeOfACopy("other-" + i));
        }
        int same = 0;
        for (int i = 0; i < first.size(); i++) {
            same += first.get(i).equals(other.get(i)) ? 1 : 0;
        }
        // by chance one pair in 4,096
        assertThat(same).isLessThan(3);
    }

    private HybridTimestamp lifeOfACopy(String name) throws SQLException, IOException {
        Path copy = Files.createDirectory(folder.resolve(name));
        copyFiles(folder, copy);
        try (TestDatabase device = open(copy, Duration.ZERO)) {
            return write(device, 1);
        }
    }

    @Test
    void keepsAClockThatWasBelievedWhenAnotherOfTheRowWasNot() throws Exception {
        HybridTimestamp arrival = new HybridTimestamp(START, 0, TestDatabase.DEVICE);
        try (TestDatabase device = open(folder, Duration.ofMinutes(4))) {
            HybridTimestamp believed = write(device, 1);
            device.setWall(START + Duration.ofDays(730).toMillis());
            device.sql("UPDATE reading SET note = 'far ahead'");
            device.waiting();

            device.database.changeUnnoticed(db -> device.remote.setBack(db, device.layout(), KEY, START, arrival));

            assertThat(device.row(KEY).clock().of("value")).isEqualTo(believed);
            device.setWall(START + 1);
            assertThat(write(device, 2)).isGreaterThan(believed);
        }
    }

    @Test
    void aRowThatWasWrittenAnewAfterItsRemovalIsThereWhenNeitherTimeWasBelieved() throws Exception {
        HybridTimestamp arrival = new HybridTimestamp(START, 3, TestDatabase.DEVICE);
        try (TestDatabase device = open(folder, Duration.ofDays(730))) {
            write(device, 1);
            device.sql("DELETE FROM reading");
            write(device, 2);

            device.database.changeUnnoticed(db -> device.remote.setBack(db, device.layout(), KEY, START, arrival));

            RowState<JsonNode> row = device.row(KEY);
            assertThat(row.clock().isLive()).isTrue();
            assertThat(row.clock().base()).isEqualTo(arrival);
            assertThat(row.values())
                    .hasEntrySatisfying(
                            "value", value -> assertThat(value.asInt()).isEqualTo(2));
        }
    }

    @Test
    void keepsNoValueUnderTheClockOfAnothersWriteThatTurnsOutToBeLater() throws Exception {
        HybridTimestamp arrival = new HybridTimestamp(START, 3, TestDatabase.DEVICE);
        HybridTimestamp others = TestDatabase.cloud(START + 60_000);
        try (TestDatabase device = open(folder, Duration.ofDays(730))) {
            write(device, 1);
            device.sql("UPDATE reading SET note = 'mine'");
            device.waiting();
            device.database.changeUnnoticed(db -> device.remote.setBack(db, device.layout(), KEY, START, arrival));
            write(device, 2);
            device.arrives(KEY, TestDatabase.written(others, Map.of("id", "a", "unit", "theirs")));

            boolean[] complete = {true};
            device.database.changeUnnoticed(db ->
                    complete[0] = device.remote.setBack(db, device.layout(), KEY, START, arrival.next("DEVICE0001")));

            assertThat(device.row(KEY).values()).containsOnlyKeys("id", "unit");
            assertThat(complete[0]).isFalse();
            device.arrives(KEY, TestDatabase.written(others, Map.of("id", "a", "unit", "theirs")));
            assertThat(device.row(KEY)).isEqualTo(TestDatabase.written(others, Map.of("id", "a", "unit", "theirs")));
        }
    }

    @Test
    void norUnderItsOwnOfAWriteThatTheCloudBelievedAndThatTurnsOutToBeLater() throws Exception {
        HybridTimestamp arrival = new HybridTimestamp(START, 3, TestDatabase.DEVICE);
        try (TestDatabase device = open(folder, Duration.ofMinutes(4))) {
            HybridTimestamp believed = write(device, 1);
            device.setWall(START + Duration.ofDays(730).toMillis());
            write(device, 2);

            boolean[] complete = {true};
            device.database.changeUnnoticed(
                    db -> complete[0] = device.remote.setBack(db, device.layout(), KEY, START, arrival));

            assertThat(complete[0]).isFalse();
            assertThat(device.row(KEY).clock().of("value")).isEqualTo(believed);
            assertThat(device.row(KEY).values()).containsOnlyKeys("id");
        }
    }

    @Test
    void countsWhereItLearnsOfALateAnswerAfterItsClockIsRightAgain() throws Exception {
        try (TestDatabase device = open(folder, Duration.ZERO)) {
            HybridTimestamp before = write(device, 1);
            HybridTimestamp arrival = new HybridTimestamp(START - 60_000, 0, TestDatabase.DEVICE);

            device.database.change(db -> device.queue.setBack(db, arrival.millis(), arrival));

            device.setWall(START - 30_000);
            device.sql("INSERT INTO reading (sk, id, value) VALUES ('reading#b', 'b', 1)");
            device.waiting();
            assertThat(device.row("reading#b").clock().latest()).isGreaterThan(before);
        }
    }

    @Test
    void theBaseProtocolWhichTellsMillisecondsOnlyGetsOneForEachWrite() throws Exception {
        try (TestDatabase device = TestDatabase.atWallClock(folder, START, true)) {
            HybridTimestamp first = write(device, 1);
            HybridTimestamp second = write(device, 2);

            assertThat(second.counter()).isZero();
            assertThat(second.millis()).isGreaterThan(first.millis());
        }
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(from)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            Files.copy(file, to.resolve(file.getFileName()));
        }
    }
}
