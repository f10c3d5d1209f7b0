package io.mooring.contracts.schema;

/**
 * Something wrong in a schema.
 *
 * @param path where, such as {@code models.Store.value.type}
 * @param code for programs, such as {@code unknown-type}
 * @param detail for people: what is wrong and what to do
 */
public record SchemaProblem(String path, String code, String detail) {
    @Override
    public String toString() {
        return path + ": " + detail + " [" + code + "]";
    }
}
