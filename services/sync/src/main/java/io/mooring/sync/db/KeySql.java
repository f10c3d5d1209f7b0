package io.mooring.sync.db;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.KeyTemplate;
import io.mooring.contracts.schema.Model;
import io.mooring.sync.core.TableLayout;
import java.util.Objects;
import java.util.stream.Collectors;

/** Keys and computed fields as SQL over a row's columns; null where a part of one is missing. */
final class KeySql {
    private KeySql() {}

    /** A template filled in. {@code row} stands before each column, such as {@code NEW.}. */
    static String expand(TableLayout layout, KeyTemplate template, String row) {
        String text = template.parts().stream()
                .map(part -> switch (part) {
                    case KeyTemplate.Text plain -> Sql.text(plain.text());
                    case KeyTemplate.Variable variable -> part(layout, variable.field(), row);
                })
                .collect(Collectors.joining(" || "));
        return text.isEmpty() ? "''" : text;
    }

    /** The value of a computed field. */
    static String computed(TableLayout layout, Field field, String row) {
        Field.Part part = field.encode();
        if (part == null) {
            return expand(layout, Objects.requireNonNull(field.value()), row);
        }
        String source = switch (part.attribute()) {
            case "sk" -> row + "sk";
            case "pk" -> "(" + expand(layout, layout.model().pk(), row) + ")";
            default -> part(layout, part.attribute(), row);
        };
        return "nullif(split_part(" + source + ", " + Sql.text(part.separator()) + ", " + (part.index() + 1) + "), '')";
    }

    private static String part(TableLayout layout, String field, String row) {
        TableLayout.Column column = layout.column(field);
        if (column == null) {
            boolean account = field.equals(Model.ACCOUNT_ID);
            return row + (account ? TableLayout.ACCOUNT_COLUMN : TableLayout.DEVICE_COLUMN);
        }
        String value = row + Sql.name(column.name());
        return switch (column.type()) {
            case STRING -> value;
            case DATE -> "to_char(" + value + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";
            case BUFFER -> "encode(" + value + ", 'base64')";
            default -> value + "::text";
        };
    }
}
