package io.mooring.messaging.db;

import io.mooring.messaging.core.Query;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A query as SQL. What its author wrote becomes parameters, names of fields included; the text of the SQL is made here
 * alone. Fields are those of the registry and of presence first, then those of the device's own row, declared or not.
 */
final class QuerySql {
    /** What the cloud itself knows of a device; whoever asks for these is not told what the device claims. */
    private static final Map<String, String> OWN = Map.of(
            "id", "to_jsonb(d.id)",
            "product", "to_jsonb(d.product)",
            "account", "to_jsonb(d.account)",
            "state", "to_jsonb(d.state)",
            "connected", "to_jsonb(coalesce(p.connected, false))",
            "node", "to_jsonb(p.node)",
            "protocol", "to_jsonb(p.protocol)",
            "address", "to_jsonb(p.address)");

    /** A field of the device's row: a column, as SQL writes its name, or a member of what no column is declared for. */
    private static final String ROW = "coalesce(nullif(to_jsonb(r) -> ?, 'null'), r._extra -> ?)";

    private final StringBuilder sql = new StringBuilder();
    private final List<Object> parameters = new ArrayList<>();

    private QuerySql() {}

    /** The condition on {@code d} (registry), {@code p} (presence) and {@code r} (the device's row). */
    static QuerySql of(Query query) {
        QuerySql made = new QuerySql();
        made.write(query);
        return made;
    }

    String sql() {
        return sql.toString();
    }

    /** Sets the parameters, from a place on; the place after the last. */
    int set(Connection connection, PreparedStatement statement, int from) throws SQLException {
        int at = from;
        for (Object parameter : parameters) {
            if (parameter instanceof String text) {
                statement.setString(at++, text);
            } else if (parameter instanceof List<?> texts) {
                statement.setArray(at++, connection.createArrayOf("text", texts.toArray()));
            }
        }
        return at;
    }

    private void write(Query query) {
        switch (query) {
            case Query.And and -> join(and.parts(), " AND ");
            case Query.Or or -> join(or.parts(), " OR ");
            case Query.Not not -> {
                sql.append("NOT ");
                write(not.part());
            }
            case Query.Comparison comparison -> {
                sql.append("coalesce(messaging.compare_values(");
                field(comparison.field());
                sql.append(", ?) ").append(sign(comparison.operator())).append(" 0, false)");
                parameters.add(comparison.value());
            }
            case Query.OneOf oneOf -> {
                sql.append("EXISTS (SELECT FROM unnest(?::text[]) AS one(value) WHERE messaging.compare_values(");
                parameters.add(oneOf.values());
                field(oneOf.field());
                sql.append(", one.value) = 0)");
            }
            case Query.Like like -> {
                sql.append("coalesce((");
                field(like.field());
                sql.append(") #>> '{}' LIKE ?, false)");
                parameters.add(pattern(like.pattern()));
            }
        }
    }

    private static String sign(Query.Operator operator) {
        return operator == Query.Operator.DIFFERENT ? "<>" : operator.sign();
    }

    private void join(List<Query> parts, String word) {
        sql.append('(');
        for (int i = 0; i < parts.size(); i++) {
            sql.append(i == 0 ? "" : word);
            write(parts.get(i));
        }
        sql.append(')');
    }

    private void field(String name) {
        String own = OWN.get(name);
        if (own != null) {
            sql.append(own);
        } else {
            sql.append(ROW);
            parameters.add(snake(name));
            parameters.add(name);
        }
    }

    /** As tables name the columns of fields: {@code iotoVersion} is {@code ioto_version}. */
    private static String snake(String name) {
        return name.replaceAll("([A-Z]+)([A-Z][a-z])", "$1_$2")
                .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .toLowerCase(java.util.Locale.ROOT);
    }

    private static String pattern(String text) {
        return text.replace("\\", "\\\\")
                .replace("%", "\\%")
                .replace("_", "\\_")
                .replace('*', '%')
                .replace('?', '_');
    }
}
