package io.mooring.sync.core;

import io.mooring.contracts.mqtt.DeviceTopics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Packs rows on their way to one device into few messages, in their order: {@code [{"operation":O,"row":R},…]} on
 * {@link DeviceTopics#SYNC_ROWS} (device protocol, section 3). A row that would be alone in its message goes in the base
 * form, as does one that is too large to share one.
 */
public final class RowPacking {
    private static final byte[] BEGIN = "{\"operation\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ROW = "\",\"row\":".getBytes(StandardCharsets.US_ASCII);

    /** What of an entry is neither its operation nor its row: the above, a brace, and a comma or bracket. */
    private static final int ENTRY_BYTES = BEGIN.length + ROW.length + 2;

    private final int maxRows;
    private final int maxBytes;
    private final Consumer<Message> messages;
    private final List<Entry> waiting = new ArrayList<>();
    private int bytes;

    private record Entry(byte[] operation, ChangedRow.Kind kind, byte[] row) {
        int bytes() {
            return ENTRY_BYTES + operation.length + row.length;
        }
    }

    /**
     * A message.
     *
     * @param tail the topic below the receiver
     */
    public record Message(String tail, byte[] payload) {}

    /**
     * Packs.
     *
     * @param maxRows the most rows of a message; 1 packs nothing
     * @param maxBytes the most bytes of a message of several rows
     * @param messages takes each message as it is full
     */
    public RowPacking(int maxRows, int maxBytes, Consumer<Message> messages) {
        this.maxRows = maxRows;
        this.maxBytes = maxBytes;
        this.messages = messages;
    }

    /**
     * Adds a row.
     *
     * @param row as JSON, the very bytes that others are told; not to be changed
     */
    public void add(ChangedRow.Kind kind, byte[] row) {
        Entry entry = new Entry(kind.name().getBytes(StandardCharsets.US_ASCII), kind, row);
        // One byte more: the first bracket.
        if (waiting.size() >= maxRows || 1L + bytes + entry.bytes() > maxBytes) {
            flush();
        }
        waiting.add(entry);
        bytes += entry.bytes();
    }

    /** Hands over what is left. To be called at the end, and before the device is told something of another kind. */
    public void flush() {
        if (waiting.size() == 1) {
            Entry alone = waiting.getFirst();
            messages.accept(new Message(alone.kind().tail(), alone.row()));
        } else if (!waiting.isEmpty()) {
            messages.accept(new Message(DeviceTopics.SYNC_ROWS, packed()));
        }
        waiting.clear();
        bytes = 0;
    }

    private byte[] packed() {
        byte[] json = new byte[1 + bytes];
        int at = 0;
        for (Entry entry : waiting) {
            json[at] = (byte) (at == 0 ? '[' : ',');
            at++;
            at = append(json, at, BEGIN);
            at = append(json, at, entry.operation());
            at = append(json, at, ROW);
            at = append(json, at, entry.row());
            json[at++] = '}';
        }
        json[at] = ']';
        return json;
    }

    private static int append(byte[] json, int at, byte[] part) {
        System.arraycopy(part, 0, json, at, part.length);
        return at + part.length;
    }
}
