package io.mooring.sync.core;

/** Writes JSON text (RFC 8259). */
public final class JsonText {
    private JsonText() {}

    /** Appends a JSON string; in one piece, as far as nothing of it must be escaped. */
    public static void quote(StringBuilder json, String text) {
        json.append('"');
        int written = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                escape(json.append(text, written, i), c);
                written = i + 1;
            }
        }
        json.append(text, written, text.length()).append('"');
    }

    private static void escape(StringBuilder json, char c) {
        switch (c) {
            case '"' -> json.append("\\\"");
            case '\\' -> json.append("\\\\");
            case '\n' -> json.append("\\n");
            case '\r' -> json.append("\\r");
            case '\t' -> json.append("\\t");
            default -> json.append(String.format("\\u%04x", (int) c));
        }
    }

    /** Appends {@code "name":}, after a comma if it is not the first. */
    public static StringBuilder name(StringBuilder json, String name) {
        if (json.charAt(json.length() - 1) != '{') {
            json.append(',');
        }
        quote(json, name);
        return json.append(':');
    }
}
