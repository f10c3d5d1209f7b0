package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldRules;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a schema asks of a row that a device's change would make: that required fields are there, values are allowed,
 * first values are kept, and unique ones are nobody else's. And what a new row gets that it came without.
 *
 * <p>Only what the change touches is judged: a row that broke a rule before the schema had it may be written all the
 * same, so that devices with an older schema go on working.
 */
public final class RowRules {
    /** The longest value that can be unique, in characters: PostgreSQL indexes no more than about 2,700 bytes. */
    public static final int MAX_UNIQUE_LENGTH = 500;

    private final Function<Value, Object> plain;
    private final Supplier<String> ulid;
    private final Supplier<String> uuid;

    /**
     * @param plain a value as texts, numbers, booleans, maps and lists
     * @param ulid makes ids, for {@code generate: 'ulid'}
     * @param uuid makes ids, for {@code generate: 'uuid'}
     */
    public RowRules(Function<Value, Object> plain, Supplier<String> ulid, Supplier<String> uuid) {
        this.plain = plain;
        this.ulid = ulid;
        this.uuid = uuid;
    }

    /** What a rule says of a change that breaks it. */
    public record Broken(String code, String detail) {}

    /**
     * A row that comes into being, with the values it came without. They are the cloud's, written just after the row,
     * so that its writer learns of them and whatever he writes there next stands.
     */
    public RowState<Value> completed(TableLayout layout, RowState<Value> before, RowState<Value> row) {
        HybridTimestamp latest = row.clock().latest();
        if (before.clock().isLive() || !row.clock().isLive() || latest == null) {
            return row;
        }
        SortedMap<String, Value> values = new TreeMap<>(row.values());
        SortedMap<String, HybridTimestamp> clocks = new TreeMap<>(row.clock().fields());
        for (TableLayout.Column column : layout.columns()) {
            String name = column.field().name();
            Value made = values.containsKey(name) || column.key() ? null : made(column.field());
            if (made != null) {
                values.put(name, made);
                clocks.put(name, latest.next(HybridTimestamp.CLOUD));
            }
        }
        return values.size() == row.values().size()
                ? row
                : new RowState<>(new RowClock(row.clock().base(), row.clock().removed(), clocks), values);
    }

    private @Nullable Value made(Field field) {
        return switch (field.generate()) {
            case ULID -> Value.text(ulid.get());
            case UUID -> Value.text(uuid.get());
            case NONE -> {
                Value value = field.defaultValue() == null ? null : PlainValues.value(field.defaultValue());
                yield value == null ? null : FieldValues.stored(field.type(), value);
            }
        };
    }

    /**
     * The first rule that a change breaks; empty if it keeps all.
     *
     * @param before the row without it
     * @param row the row with it
     */
    public Optional<Broken> broken(
            TableLayout layout, RowKey key, RowState<Value> before, RowState<Value> row, UniqueValues unique) {
        if (!row.clock().isLive()) {
            return Optional.empty();
        }
        for (TableLayout.Column column : layout.columns()) {
            Field field = column.field();
            Value was = before.values().get(field.name());
            Value is = row.values().get(field.name());
            if (Objects.equals(was, is) && (is != null || before.clock().isLive())) {
                continue;
            }
            if (is == null && column.key()) {
                continue; // it is named by its key, though a removal took what was written of it
            }
            Optional<Broken> broken = is == null ? missing(layout, field, was) : given(column, field, was, is);
            if (broken.isEmpty() && is != null && field.unique() != Field.Unique.NO) {
                broken = taken(column, key, is, unique);
            }
            if (broken.isPresent()) {
                return broken;
            }
        }
        return Optional.empty();
    }

    private static Optional<Broken> missing(TableLayout layout, Field field, @Nullable Value was) {
        if (field.required()) {
            return Optional.of(new Broken("required", layout.model().name() + " needs a value for " + field.name()));
        }
        return was != null && field.readonly() ? Optional.of(readonly(field)) : Optional.empty();
    }

    private Optional<Broken> given(TableLayout.Column column, Field field, @Nullable Value was, Value is) {
        if (was != null && field.readonly()) {
            return Optional.of(readonly(field));
        }
        boolean judged = !field.allowed().isEmpty() || !field.schema().isEmpty() || field.items() != null;
        return judged
                ? FieldRules.broken(column.field(), plain.apply(is))
                        .map(broken -> new Broken(broken.code(), broken.detail()))
                : Optional.empty();
    }

    private static Broken readonly(Field field) {
        return new Broken("readonly", field.name() + " keeps its first value");
    }

    private static Optional<Broken> taken(TableLayout.Column column, RowKey key, Value is, UniqueValues unique) {
        Field field = column.field();
        if (FieldValues.fit(column.type(), is).isEmpty()) {
            return Optional.of(new Broken(
                    "wrong-type",
                    field.name() + " is unique and must be a " + column.type().schemaName()));
        }
        if (is.text().length() > MAX_UNIQUE_LENGTH) {
            return Optional.of(new Broken(
                    "too-long", field.name() + " is unique and may have " + MAX_UNIQUE_LENGTH + " characters"));
        }
        RowKey holder = unique.holder(UniqueValues.Place.of(field, key, is));
        return holder == null || holder.equals(key)
                ? Optional.empty()
                : Optional.of(new Broken("not-unique", "another row has this " + field.name()));
    }
}
