package io.mooring.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a device that merges whole rows by their time, as an Ioto agent does (device protocol, section 3): what is
 * told is taken if it is not older than what is here, else the device's own goes up again.
 */
class IotoRows {
    private static final String NEVER = "1970-01-01T00:00:00.000Z";

    /** A row here, or the time at which it went. */
    private record Held(@Nullable ObjectNode item, String updated) {}

    /** A change that waits, and the number of the last message it was in. */
    private record Waiting(String command, ObjectNode item, long seq, long sentMillis) {}

    private final Map<String, Held> rows = new TreeMap<>();
    private final Map<String, Waiting> waiting = new TreeMap<>();
    private final Map<String, String> models = new HashMap<>();
    private String lastSync = NEVER;
    private boolean asked;
    private boolean caughtUp;

    /** By how much the device's clock may be off. */
    List<Duration> clocksOff() {
        return List.of(
                Duration.ZERO, Duration.ZERO, Duration.ofSeconds(30), Duration.ofMinutes(-10), Duration.ofDays(-800));
    }

    /** The application writes a row: all of it, with its keys and time. */
    synchronized void write(ObjectNode item) {
        String sk = item.path("sk").asText();
        boolean there = rows.containsKey(sk) && rows.get(sk).item() != null;
        models.put(sk, item.path("_type").asText());
        rows.put(sk, new Held(item, item.path("updated").asText()));
        waiting.put(sk, new Waiting(there ? "update" : "create", item, 0, 0));
    }

    /** The application removes a row; false if it is not there. */
    synchronized boolean remove(String sk, String updated) {
        Held held = rows.get(sk);
        if (held == null || held.item() == null) {
            return false;
        }
        ObjectNode item = History.JSON.createObjectNode();
        item.put("_type", models.get(sk)).put("sk", sk).put("updated", updated);
        rows.put(sk, new Held(null, updated));
        waiting.put(sk, new Waiting("remove", item, 0, 0));
        return true;
    }

    /** A row as the application sees it; null if it is not there. */
    synchronized @Nullable ObjectNode get(String sk) {
        Held held = rows.get(sk);
        return held == null || held.item() == null ? null : held.item().deepCopy();
    }

    /** Whether a time is later than that of a row that is here. */
    synchronized boolean isLater(String sk, String updated) {
        Held held = rows.get(sk);
        return held != null && held.item() != null && updated.compareTo(held.updated()) > 0;
    }

    /** Whether a time is earlier than that of a row that is here. */
    synchronized boolean isEarlier(String sk, String updated) {
        Held held = rows.get(sk);
        return held != null && held.item() != null && updated.compareTo(held.updated()) < 0;
    }

    /** The cloud told something on {@code sync/…}. */
    synchronized void told(String what, JsonNode message) {
        switch (what) {
            case "SYNC" -> {
                if (acknowledged(message.path("seq").asLong(), message.path("keys"))) {
                    reached(message.path("updated").asText(NEVER));
                }
            }
            case "SYNCDOWN" -> {
                if (asked) {
                    caughtUp = true;
                    lastSync = message.path("updated").asText(NEVER);
                }
            }
            case "REMOVE" -> take((ObjectNode) message, true);
            default -> take((ObjectNode) message, false);
        }
    }

    /** Whether it was of anything that waits here, and not of what was sent before all was lost. */
    private boolean acknowledged(long seq, JsonNode keys) {
        boolean any = false;
        for (JsonNode key : keys) {
            Waiting change = waiting.get(key.asText());
            if (change != null && change.seq() == seq) {
                waiting.remove(key.asText());
                any = true;
            }
        }
        return any;
    }

    private void reached(String updated) {
        if (updated.compareTo(lastSync) > 0) {
            lastSync = updated;
        }
    }

    void take(ObjectNode row, boolean removal) {
        String sk = row.path("sk").asText();
        String updated = row.path("updated").asText();
        Held held = rows.get(sk);
        if (held != null && held.updated().compareTo(updated) > 0) {
            if (held.item() != null && !waiting.containsKey(sk)) {
                waiting.put(sk, new Waiting("update", held.item(), 0, 0));
            }
            return;
        }
        keep(row, removal);
    }

    /** What is told stands here. */
    void keep(ObjectNode row, boolean removal) {
        String sk = row.path("sk").asText();
        models.put(sk, row.path("_type").asText());
        rows.put(sk, new Held(removal ? null : row, row.path("updated").asText()));
        waiting.remove(sk);
    }

    /** What is to be told now, under a number; what was told less than {@code patience} ms ago is left alone. */
    synchronized List<ObjectNode> due(long seq, long nowMillis, long patience) {
        List<ObjectNode> due = new ArrayList<>();
        waiting.replaceAll((sk, change) -> {
            if (change.seq() != 0 && nowMillis - change.sentMillis() < patience) {
                return change;
            }
            ObjectNode sent = History.JSON.createObjectNode();
            sent.put("cmd", change.command()).put("key", sk);
            sent.set("item", change.item());
            due.add(sent);
            return new Waiting(change.command(), change.item(), seq, nowMillis);
        });
        return due;
    }

    /** It asks for what it missed: from which place on. */
    synchronized String ask() {
        asked = true;
        return lastSync;
    }

    synchronized void connected() {
        asked = false;
        caughtUp = false;
    }

    synchronized boolean isCaughtUp() {
        return caughtUp;
    }

    synchronized boolean isInStep() {
        return caughtUp && waiting.isEmpty();
    }

    /** All it had is gone. */
    synchronized void wipe() {
        rows.clear();
        waiting.clear();
        lastSync = NEVER;
        asked = false;
        caughtUp = false;
    }

    /** The rows there are. */
    synchronized List<ObjectNode> all() {
        List<ObjectNode> all = new ArrayList<>();
        rows.values().forEach(held -> {
            if (held.item() != null) {
                all.add(held.item().deepCopy());
            }
        });
        return all;
    }
}
