package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.sync.core.ChangedRow.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RowPackingTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A row as the device is told it. */
    record Told(Kind kind, String row) {}

    private static List<RowPacking.Message> pack(int maxRows, int maxBytes, List<Told> rows) {
        List<RowPacking.Message> messages = new ArrayList<>();
        RowPacking packing = new RowPacking(maxRows, maxBytes, messages::add);
        rows.forEach(told -> packing.add(told.kind(), told.row().getBytes(StandardCharsets.UTF_8)));
        packing.flush();
        return messages;
    }

    private static String text(RowPacking.Message message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    @Test
    void putsRowsTogetherInTheirOrder() {
        List<RowPacking.Message> messages =
                pack(10, 1000, List.of(new Told(Kind.MODIFY, "{\"a\":1}"), new Told(Kind.REMOVE, "{\"a\":2}")));

        assertThat(messages).hasSize(1);
        assertThat(messages.getFirst().tail()).isEqualTo("sync/ROWS");
        assertThat(text(messages.getFirst()))
                .isEqualTo(
                        "[{\"operation\":\"MODIFY\",\"row\":{\"a\":1}},{\"operation\":\"REMOVE\",\"row\":{\"a\":2}}]");
    }

    @Test
    void sendsARowThatIsAloneInTheBaseForm() {
        byte[] row = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
        List<RowPacking.Message> messages = new ArrayList<>();
        RowPacking packing = new RowPacking(10, 1000, messages::add);

        packing.add(Kind.INSERT, row);
        packing.flush();
        packing.flush();

        assertThat(messages).hasSize(1);
        assertThat(messages.getFirst().tail()).isEqualTo("sync/INSERT");
        assertThat(messages.getFirst().payload()).isSameAs(row);
    }

    @Test
    void fillsAMessageToTheLastByte() {
        List<Told> two = List.of(new Told(Kind.MODIFY, "{\"a\":1}"), new Told(Kind.MODIFY, "{\"a\":2}"));
        int bytes = pack(10, 1000, two).getFirst().payload().length;

        assertThat(pack(10, bytes, two)).hasSize(1);
        assertThat(pack(10, bytes - 1, two))
                .extracting(RowPacking.Message::tail)
                .containsExactly("sync/MODIFY", "sync/MODIFY");
    }

    @Provide
    Arbitrary<List<Told>> rows() {
        Arbitrary<String> row = Arbitraries.strings()
                .withChars('a', '0', '"', '\\', '\n', ',', '}', '€')
                .ofMaxLength(200)
                .map(text -> JSON.createObjectNode().put("é", text).toString());
        return Combinators.combine(Arbitraries.of(Kind.class), row)
                .as(Told::new)
                .list()
                .ofMaxSize(40);
    }

    @Property
    void losesNothingKeepsTheOrderAndItsBounds(
            @ForAll("rows") List<Told> rows,
            @ForAll @IntRange(min = 1, max = 12) int maxRows,
            @ForAll @IntRange(min = 1, max = 1500) int maxBytes)
            throws IOException {
        List<Told> unpacked = new ArrayList<>();

        for (RowPacking.Message message : pack(maxRows, maxBytes, rows)) {
            if (!message.tail().equals("sync/ROWS")) {
                unpacked.add(new Told(Kind.valueOf(message.tail().substring(5)), text(message)));
                continue;
            }
            assertThat(message.payload().length).isLessThanOrEqualTo(maxBytes);
            JsonNode entries = JSON.readTree(message.payload());
            assertThat(entries.size()).isBetween(2, maxRows);
            for (JsonNode entry : entries) {
                unpacked.add(new Told(
                        Kind.valueOf(entry.path("operation").asText()),
                        entry.path("row").toString()));
            }
        }

        assertThat(unpacked).isEqualTo(rows);
    }

    @Property(tries = 200)
    void leavesNoRoomUnused(@ForAll("rows") List<Told> rows) {
        List<RowPacking.Message> messages = pack(1000, 600, rows);

        // Two messages next to each other would not have fitted into one.
        for (int i = 1; i < messages.size(); i++) {
            assertThat(messages.get(i - 1).payload().length + messages.get(i).payload().length)
                    .isGreaterThan(600 - 80);
        }
    }
}
