package io.mooring.contracts.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A model: the table of a schema.
 *
 * @param name as rows bear it in {@code _type}
 * @param fields its fields by name, in the schema's order, {@code pk} and {@code sk} left out
 * @param pk the template of the partition key; empty text where the schema gives none
 * @param sk the template of the sort key, which names a row among those of its owner
 * @param sync which way its rows go
 * @param scope whose its rows are
 * @param history whether the cloud keeps each version of each row
 */
public record Model(
        String name,
        Map<String, Field> fields,
        KeyTemplate pk,
        KeyTemplate sk,
        Direction sync,
        Scope scope,
        boolean history) {
    /** The field that names the owning device. */
    public static final String DEVICE_ID = "deviceId";

    /** The field that names the owning account. */
    public static final String ACCOUNT_ID = "accountId";

    /** The field of the time of a row's last write. */
    public static final String UPDATED = "updated";

    /** The model in which a device describes itself; there, {@code id} is the device's id. */
    public static final String DEVICE_MODEL = "Device";

    public Model {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** The name of the field that holds the owning device's id. */
    public String deviceIdField() {
        return name.equals(DEVICE_MODEL) ? "id" : DEVICE_ID;
    }

    /** The field at whose time rows expire, if any. */
    public Optional<Field> ttl() {
        return fields.values().stream().filter(Field::ttl).findFirst();
    }
}
