package io.mooring.agent;

import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** What the demo device does all day: it measures something. It keeps its last hundred readings. */
final class Demo {
    private static final int READINGS = 100;

    private final Rows rows;

    Demo(Rows rows) {
        this.rows = rows;
    }

    /** Writes one reading, and how many there were. */
    void write() throws SQLException {
        long count = rows.query("SELECT value FROM service").stream()
                .map(row -> row.get("value"))
                .mapToLong(value -> value instanceof Number number ? number.longValue() : 0)
                .findFirst()
                .orElse(0);
        double value = Math.round(2_000 + 100 * ThreadLocalRandom.current().nextGaussian()) / 100.0;
        Map<String, @Nullable Object> reading =
                Map.of("id", "r" + count % READINGS, "name", "temperature", "value", value, "unit", "°C");
        rows.put("Reading", reading);
        rows.put("Service", Map.of("value", count + 1));
    }
}
