package io.mooring.sync.core;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.sync.RowState;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who holds which unique value, as changes are merged one after the other. */
public final class UniqueValues {
    /**
     * Where a value may occur once.
     *
     * @param owner among whose rows; empty text if among all
     */
    public record Place(String model, String field, String owner, String value) {
        /** An order in which to look values up, the same each time. */
        public static final Comparator<Place> ORDER =
                Comparator.comparing(Place::owner).thenComparing(Place::value);

        /** The place of a row's value. */
        public static Place of(Field field, RowKey key, Value value) {
            String owner = field.unique() == Field.Unique.CLOUD ? "" : key.owner();
            return new Place(key.model(), field.name(), owner, value.text());
        }
    }

    private final Map<Place, RowKey> holders;

    /** @param holders the rows that hold the values about to be written */
    public UniqueValues(Map<Place, RowKey> holders) {
        this.holders = new HashMap<>(holders);
    }

    @Nullable
    RowKey holder(Place place) {
        return holders.get(place);
    }

    /** A row has changed: what it let go of is free, and what it took is its own. */
    void moved(TableLayout layout, RowKey key, RowState<Value> before, RowState<Value> after) {
        for (TableLayout.Column column : layout.columns()) {
            Field field = column.field();
            if (field.unique() == Field.Unique.NO) {
                continue;
            }
            Value was = before.values().get(field.name());
            Value is = after.values().get(field.name());
            if (was != null && !was.equals(is)) {
                holders.remove(Place.of(field, key, was), key);
            }
            if (is != null) {
                holders.put(Place.of(field, key, is), key);
            }
        }
    }
}
