package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import java.util.List;
import java.util.Map;

/**
 * The acknowledgement of a message (device protocol, section 3).
 *
 * @param seq the message's number, as JSON
 * @param keys the changes that are settled: they need not be sent again
 * @param updated how far the device has followed, see {@link io.mooring.contracts.sync.StreamPosition}
 * @param refused those that were not taken
 * @param leftOut those that were not looked at, and are to be sent again
 * @param bounded those of which a clock was too far ahead, with the clock that counts instead of each such
 * @param receivedMillis when the message arrived, ms since 1970: by that clocks are judged
 */
public record SyncAnswer(
        String seq,
        List<String> keys,
        String updated,
        List<Refusal> refused,
        List<String> leftOut,
        Map<String, String> bounded,
        long receivedMillis) {
    /** The {@code updated} of a device that never completed a catch-up. */
    public static final String NEVER = "1970-01-01T00:00:00.000Z";

    private static final String TOO_MANY = "too-many-changes";

    /** As JSON. The members after {@code updated} are there only if there is something to say. */
    public String json() {
        StringBuilder json = new StringBuilder("{\"seq\":").append(seq).append(",\"keys\":[");
        for (int i = 0; i < keys.size(); i++) {
            if (i > 0) {
                json.append(',');
            }
            JsonText.quote(json, keys.get(i));
        }
        json.append("],\"updated\":");
        JsonText.quote(json, updated);
        appendRefused(json);
        if (!bounded.isEmpty()) {
            json.append(",\"bounded\":{");
            bounded.forEach((key, clock) -> JsonText.quote(JsonText.name(json, key), clock));
            json.append('}');
            JsonText.quote(JsonText.name(json, "received"), HybridTimestamp.formatMillis(receivedMillis));
        }
        return json.append('}').toString();
    }

    private void appendRefused(StringBuilder json) {
        if (refused.isEmpty() && leftOut.isEmpty()) {
            return;
        }
        json.append(",\"refused\":[");
        String separator = "";
        for (Refusal refusal : refused) {
            json.append(separator);
            append(json, refusal);
            separator = ",";
        }
        for (String key : leftOut) {
            json.append(separator);
            append(json, new Refusal(key, TOO_MANY, "send it again in a smaller message"));
            separator = ",";
        }
        json.append(']');
    }

    private static void append(StringBuilder json, Refusal refusal) {
        json.append('{');
        JsonText.quote(JsonText.name(json, "key"), refusal.key());
        JsonText.quote(JsonText.name(json, "code"), refusal.code());
        JsonText.quote(JsonText.name(json, "detail"), refusal.detail());
        json.append('}');
    }
}
