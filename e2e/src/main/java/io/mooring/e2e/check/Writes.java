package io.mooring.e2e.check;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a writer writes: rows of few keys, so that writers meet, and values that say who wrote them and are never written
 * twice.
 */
final class Writes {
    /** A model as writers see it: its fields besides those of its key and owner, each with the first letter of its type. */
    record Kind(String model, int keys, Map<String, String> fields) {
        String key(int number) {
            return "k" + number;
        }

        String sortKey(String id) {
            return model.toLowerCase(java.util.Locale.ROOT) + "#" + id;
        }
    }

    static final Kind ITEM =
            new Kind("Item", 14, Map.of("text", "s", "note", "s", "count", "n", "flag", "b", "at", "d", "data", "o"));
    static final Kind SHARED = new Kind("Shared", 10, Map.of("text", "s", "note", "s", "count", "n", "flag", "b"));
    static final Kind REPORT = new Kind("Report", 6, Map.of("text", "s", "count", "n"));
    static final Kind ORDER = new Kind("Order", 6, Map.of("text", "s", "count", "n"));
    static final Kind NOTICE = new Kind("Notice", 6, Map.of("text", "s", "flag", "b"));

    private final String writer;
    private final Chance chance;
    private long number;

    Writes(String writer, Chance chance) {
        this.writer = writer;
        this.chance = chance;
    }

    /** How a text begins that belongs to an owner's row: a text in anybody else's is in the wrong place. */
    static String mark(String owner) {
        return "[" + owner + "] ";
    }

    /** The fields a write is of: all, or some. */
    List<String> some(Kind kind) {
        List<String> names = kind.fields().keySet().stream().sorted().toList();
        List<String> chosen = names.stream().filter(name -> chance.percent(35)).toList();
        return chosen.isEmpty() ? List.of(chance.oneOf(names)) : chosen;
    }

    /** New values for some fields; now and then none for one. */
    Map<String, @Nullable Object> values(Kind kind, String owner, List<String> fields) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (String field : fields) {
            number++;
            values.put(field, chance.percent(8) ? null : value(kind.fields().getOrDefault(field, "s"), owner));
        }
        return values;
    }

    Map<String, @Nullable Object> all(Kind kind, String owner) {
        return values(kind, owner, kind.fields().keySet().stream().sorted().toList());
    }

    /** Something for a field of whose having no value a writer cannot speak. */
    static Object filler(Kind kind, String field, String owner) {
        return switch (kind.fields().getOrDefault(field, "s")) {
            case "n" -> 0.0;
            case "b" -> false;
            case "d" -> "1970-01-01T00:00:00.000Z";
            case "o" -> Map.of();
            default -> mark(owner);
        };
    }

    private Object value(String type, String owner) {
        return switch (type) {
            case "n" -> chance.percent(50) ? (Object) (double) number : (Object) (number + 0.5);
            case "b" -> chance.percent(50);
            case "d" -> Instant.parse("2020-01-01T00:00:00Z").plusMillis(number * 1_000 + chance.between(0, 999));
            case "o" -> Map.of("by", writer, "n", number, "list", List.of(1, "two", Map.of("three", true)));
            default ->
                mark(owner) + writer + ":" + number
                        + (chance.percent(3) ? " ä€😀 \" \\ ' " + "x".repeat(chance.between(0, 3_000)) : "");
        };
    }
}
