package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a device may make a change, and what exactly it writes with which clocks (device
 * protocol, section 3). Who the device is comes from its connection, never from what it sent.
 */
public final class ChangeReader {
    /** The longest sort key, in bytes of UTF-8: PostgreSQL indexes no more than about 2,700 for all of a key. */
    public static final int MAX_KEY_BYTES = 1000;

    /** The largest row, in characters of JSON. */
    public static final int MAX_ROW_SIZE = 256 * 1024;

    private static final int MAX_FIELD_NAME = 128;

    /**
     * Who sent a change.
     *
     * @param device the device's id
     * @param account its account's id, or null if it has none
     */
    public record Sender(String device, @Nullable String account) {}

    /** What became of a change. */
    public sealed interface Result {}

    /** It may be merged. */
    public record Accepted(IncomingChange change) implements Result {}

    /** It may not. */
    public record Refused(Refusal refusal) implements Result {}

    private static final class RefusedException extends Exception {
        private final String code;

        RefusedException(String code, String detail) {
            super(detail, null, false, false);
            this.code = code;
        }
    }

    private final CloudSchema cloud;
    private final Sender sender;
    private final long receivedMillis;
    private final Function<Model, Direction> directions;

    /** A reader for a device that goes by the schema. */
    public ChangeReader(CloudSchema cloud, Sender sender, long receivedMillis) {
        this(cloud, sender, receivedMillis, Model::sync);
    }

    /**
     * @param receivedMillis when the message arrived, ms since 1970: the same at each redelivery, so that
     *     what is made of it is too
     * @param directions which way each table goes for the device
     */
    public ChangeReader(CloudSchema cloud, Sender sender, long receivedMillis, Function<Model, Direction> directions) {
        this.directions = directions;
        this.cloud = cloud;
        this.sender = sender;
        this.receivedMillis = receivedMillis;
    }

    /**
     * Decides on a change.
     *
     * @param index its place in its message
     */
    public Result read(SentChange sent, int index) {
        try {
            return new Accepted(accept(sent, index));
        } catch (RefusedException e) {
            return new Refused(new Refusal(sent.key(), e.code, Objects.requireNonNullElse(e.getMessage(), "")));
        }
    }

    private IncomingChange accept(SentChange sent, int index) throws RefusedException {
        if (sent.size() > MAX_ROW_SIZE) {
            throw new RefusedException("row-too-large", "a row may have " + MAX_ROW_SIZE + " characters of JSON");
        }
        TableLayout layout = layout(sent);
        String sk = sortKey(sent);
        checkOwner(layout.model(), sent);
        SortedMap<String, Value> keyFields = keyFields(layout, sent, sk);
        SortedMap<String, Value> values = new TreeMap<>(keyFields);
        SortedMap<String, Value> written = values(layout, sent);
        values.putAll(written);
        checkPartitionKey(layout.model(), sent, values);
        Clocks clocks = clocks(sent, index);
        RowClock clock = rowClock(layout, sent, keyFields, clocks);
        if (sent.command().equals("remove")) {
            values.clear();
        }
        Row row = new Row(
                new RowKey(layout.model().name(), owner(layout), sk), account(layout), new RowState<>(clock, values));
        return new IncomingChange(sent.key(), row, layout, clocks.claimed, clocks.instead);
    }

    private TableLayout layout(SentChange sent) throws RefusedException {
        Value type = sent.item().get("_type");
        if (type == null || type.kind() != Value.Kind.TEXT) {
            throw new RefusedException("no-type", "the item has no _type");
        }
        TableLayout layout = cloud.layout(type.text());
        if (layout == null) {
            throw new RefusedException("unknown-model", "the cloud's schema has no model '" + type.text() + "'");
        }
        if (directions.apply(layout.model()) == Direction.NONE) {
            throw layout.model().sync() == Direction.NONE
                    ? new RefusedException("not-synchronised", type.text() + " does not leave the device")
                    : new RefusedException("sync-off", "sync of " + type.text() + " is switched off for this device");
        }
        return layout;
    }

    private static String sortKey(SentChange sent) throws RefusedException {
        Value given = sent.item().get("sk");
        String sk = given == null ? sent.key() : given.text();
        if (!sk.equals(sent.key())) {
            throw new RefusedException("key-mismatch", "the change's key is not the item's sk");
        }
        if (sk.isEmpty() || sk.getBytes(StandardCharsets.UTF_8).length > MAX_KEY_BYTES) {
            throw new RefusedException("bad-key", "an sk has 1 to " + MAX_KEY_BYTES + " bytes");
        }
        return sk;
    }

    private void checkOwner(Model model, SentChange sent) throws RefusedException {
        if (model.scope() == Scope.DEVICE) {
            requireOwn(sent.item().get(model.deviceIdField()), sender.device(), "device");
        }
        if (model.scope() != Scope.CLOUD) {
            requireOwn(sent.item().get(Model.ACCOUNT_ID), sender.account(), "account");
        }
        if (model.scope() == Scope.ACCOUNT && sender.account() == null) {
            throw new RefusedException("no-account", "the device belongs to no account");
        }
    }

    private static void requireOwn(@Nullable Value claimed, @Nullable String own, String what) throws RefusedException {
        if (claimed != null && !claimed.text().isEmpty() && !claimed.text().equals(own)) {
            throw new RefusedException("foreign-row", "the row names another " + what);
        }
    }

    private SortedMap<String, Value> keyFields(TableLayout layout, SentChange sent, String sk) throws RefusedException {
        Model model = layout.model();
        SortedMap<String, Value> fields = new TreeMap<>();
        var expanded = RowKeys.expand(
                model.sk(), model, sender.device(), sender.account(), field -> stored(layout, sent, field));
        if (expanded.isPresent() && expanded.get().equals(sk)) {
            return fields;
        }
        var parts = RowKeys.match(
                model.sk(), sk, variable -> RowKeys.ownerValue(model, variable, sender.device(), sender.account()));
        if (parts.isEmpty() && RowKeys.match(model.sk(), sk, variable -> null).isPresent()) {
            throw new RefusedException("foreign-row", "the key names another device or account");
        }
        if (parts.isEmpty() || expanded.isPresent()) {
            throw new RefusedException(
                    "key-mismatch",
                    "the key is not made of the row by '" + model.sk().source() + "'");
        }
        parts.get().forEach((field, text) -> {
            TableLayout.Column column = layout.column(field);
            Value value = column == null ? null : RowKeys.partValue(column.type(), text);
            if (value != null && sent.item().get(field) == null) {
                fields.put(field, value);
            }
        });
        return fields;
    }

    private static @Nullable Value stored(TableLayout layout, SentChange sent, String field) {
        Value value = sent.item().get(field);
        TableLayout.Column column = layout.column(field);
        return value == null || column == null ? value : FieldValues.stored(column.type(), value);
    }

    private void checkPartitionKey(Model model, SentChange sent, Map<String, Value> values) throws RefusedException {
        Value pk = sent.item().get("pk");
        if (pk == null || model.pk().parts().isEmpty()) {
            return;
        }
        String own = RowKeys.expand(model.pk(), model, sender.device(), sender.account(), values::get)
                .orElse(null);
        if (own != null && !own.equals(pk.text())) {
            throw new RefusedException("foreign-row", "the pk is not that of this device's row");
        }
    }

    private static SortedMap<String, Value> values(TableLayout layout, SentChange sent) throws RefusedException {
        SortedMap<String, Value> values = new TreeMap<>();
        for (Map.Entry<String, @Nullable Value> member : sent.item().entrySet()) {
            String name = member.getKey();
            if (!isField(layout.model(), name)) {
                continue;
            }
            if (name.isEmpty() || name.length() > MAX_FIELD_NAME || name.equals("*") || name.equals("-")) {
                throw new RefusedException(
                        "bad-field-name",
                        "a field's name has 1 to " + MAX_FIELD_NAME + " characters, and is not * or -");
            }
            Value value = member.getValue();
            if (value != null) {
                TableLayout.Column column = layout.column(name);
                values.put(name, column == null ? value : FieldValues.stored(column.type(), value));
            }
        }
        return values;
    }

    /** What is told of a row beside its fields, and comes back from devices that keep all they are told, is none. */
    private static boolean isField(Model model, String name) {
        boolean told = name.equals("clock") || name.equals("fields");
        return !name.equals("_type")
                && !name.equals("sk")
                && !name.equals("pk")
                && !(told && !model.fields().containsKey(name))
                && !TableLayout.isSystem(model, name);
    }

    private RowClock rowClock(TableLayout layout, SentChange sent, Map<String, Value> keyFields, Clocks clocks)
            throws RefusedException {
        return switch (sent.command()) {
            case "remove" -> RowClock.removal(clocks.whole);
            case "create" -> clocks.fields == null ? RowClock.whole(clocks.whole) : withKeys(clocks, keyFields);
            case "update", "upsert" -> {
                if (clocks.fields != null) {
                    yield withKeys(clocks, keyFields);
                }
                Map<String, HybridTimestamp> fields = new HashMap<>();
                keyFields.keySet().forEach(field -> fields.put(field, clocks.whole));
                sent.item().keySet().stream()
                        .filter(name -> isField(layout.model(), name))
                        .forEach(field -> fields.put(field, clocks.whole));
                yield RowClock.of(fields);
            }
            default -> throw new RefusedException("unknown-command", "cmd must be create, update, upsert or remove");
        };
    }

    /** The device's own clocks; the fields of the key, where it left them out, as old as its latest write. */
    private static RowClock withKeys(Clocks clocks, Map<String, Value> keyFields) {
        RowClock given = Objects.requireNonNull(clocks.fields);
        HybridTimestamp latest = given.latest();
        if (given.base() != null || latest == null || !given.isLive()) {
            return given;
        }
        SortedMap<String, HybridTimestamp> fields = new TreeMap<>(given.fields());
        keyFields.keySet().forEach(field -> fields.putIfAbsent(field, latest));
        return new RowClock(null, given.removed(), fields);
    }

    /**
     * The times of a change: of the whole, of its fields if given, and what it claimed if that was not believed, with what
     * counts instead. A time too far ahead becomes that of arrival; changes of one message keep their order.
     */
    private record Clocks(
            HybridTimestamp whole,
            @Nullable RowClock fields,
            @Nullable HybridTimestamp claimed,
            @Nullable HybridTimestamp instead) {}

    private Clocks clocks(SentChange sent, int index) throws RefusedException {
        HybridTimestamp whole =
                sent.clock() == null ? new HybridTimestamp(updatedMillis(sent), 0, sender.device()) : own(sent.clock());
        HybridTimestamp arrival =
                new HybridTimestamp(receivedMillis, Math.min(index, HybridTimestamp.MAX_COUNTER), sender.device());
        HybridTimestamp claimed = whole.isBelieved(receivedMillis) ? null : whole;
        if (sent.fields() == null) {
            return claimed == null ? new Clocks(whole, null, null, null) : new Clocks(arrival, null, claimed, arrival);
        }
        Map<String, HybridTimestamp> entries = new HashMap<>();
        HybridTimestamp given = whole;
        String text = null;
        for (Map.Entry<String, String> field : sent.fields().entrySet()) {
            // Fields written together bear the same clock.
            if (!field.getValue().equals(text)) {
                text = field.getValue();
                given = own(text);
            }
            if (!given.isBelieved(receivedMillis)) {
                claimed = HybridTimestamp.max(claimed, given);
            }
            entries.put(field.getKey(), given);
        }
        RowClock fields = RowClock.ofEntries(entries);
        if (claimed == null) {
            return new Clocks(whole, fields, null, null);
        }
        HybridTimestamp instead = fields.instead(arrival);
        return new Clocks(instead, fields.believed(receivedMillis, instead), claimed, instead);
    }

    private HybridTimestamp own(String text) throws RefusedException {
        HybridTimestamp clock;
        try {
            clock = HybridTimestamp.parse(text);
        } catch (IllegalArgumentException e) {
            throw new RefusedException("bad-clock", Objects.requireNonNullElse(e.getMessage(), "no clock"));
        }
        if (!clock.writer().equals(sender.device())) {
            throw new RefusedException("foreign-clock", "a device's clocks bear its own id");
        }
        return clock;
    }

    private long updatedMillis(SentChange sent) {
        Value updated = sent.item().get(Model.UPDATED);
        if (updated == null || updated.kind() != Value.Kind.TEXT) {
            return receivedMillis;
        }
        try {
            OffsetDateTime time = OffsetDateTime.parse(updated.text());
            return time.getYear() < 0 || time.getYear() > 9998
                    ? receivedMillis
                    : time.toInstant().toEpochMilli();
        } catch (DateTimeException e) {
            return receivedMillis;
        }
    }

    private String owner(TableLayout layout) {
        return switch (layout.scope()) {
            case DEVICE -> sender.device();
            case ACCOUNT -> Objects.requireNonNull(sender.account());
            case CLOUD -> "";
        };
    }

    private @Nullable String account(TableLayout layout) {
        return layout.scope() == Scope.CLOUD ? null : sender.account();
    }
}
