package io.mooring.contracts.access;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A query string, taken apart. Percent signs are escapes, a plus sign is a plus sign (RFC 3986, not HTML forms).
 * Names and values hold one character for each byte (ISO-8859-1).
 */
public final class QueryParameters {
    private static final int MOST = 128;

    private final List<Parameter> parameters;

    private record Parameter(String name, String value) {}

    private QueryParameters(List<Parameter> parameters) {
        this.parameters = parameters;
    }

    /** Reads a raw query; empty if an escape is broken, or there are more than a hundred parameters. */
    public static Optional<QueryParameters> read(String raw) {
        List<Parameter> found = new ArrayList<>();
        for (String part : raw.split("&", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            Optional<String> name = decode(equals < 0 ? part : part.substring(0, equals));
            Optional<String> value = decode(equals < 0 ? "" : part.substring(equals + 1));
            if (name.isEmpty() || value.isEmpty() || found.size() == MOST) {
                return Optional.empty();
            }
            found.add(new Parameter(name.get(), value.get()));
        }
        return Optional.of(new QueryParameters(found));
    }

    /** The names of all parameters, in their order. */
    public List<String> names() {
        return parameters.stream().map(Parameter::name).toList();
    }

    /** Whether there is such a parameter, with or without a value. */
    public boolean has(String name) {
        return parameters.stream().anyMatch(parameter -> parameter.name().equals(name));
    }

    /** The first value of a parameter, as UTF-8 text. */
    public Optional<String> text(String name) {
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .map(parameter ->
                        new String(parameter.value().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }

    /** The value of a parameter that may be there only once; empty if it is not there or there twice. */
    Optional<String> only(String name) {
        List<Parameter> found = parameters.stream()
                .filter(parameter -> parameter.name().equals(name))
                .toList();
        return found.size() == 1 ? Optional.of(found.get(0).value()) : Optional.empty();
    }

    /** The canonical query string: encoded anew, ordered by name and then value, without one parameter. */
    String canonical(String except) {
        return parameters.stream()
                .filter(parameter -> !parameter.name().equals(except))
                .map(parameter -> new Parameter(encode(parameter.name(), true), encode(parameter.value(), true)))
                .sorted(Comparator.comparing(Parameter::name).thenComparing(Parameter::value))
                .map(parameter -> parameter.name() + "=" + parameter.value())
                .reduce((one, next) -> one + "&" + next)
                .orElse("");
    }

    /** Undoes percent escapes, one character for each byte; empty if one is broken. */
    public static Optional<String> decode(String text) {
        if (text.indexOf('%') < 0) {
            return Optional.of(text);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%') {
                bytes.write(c);
                continue;
            }
            boolean whole = i + 2 < text.length();
            int high = whole ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = whole ? Character.digit(text.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                return Optional.empty();
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return Optional.of(bytes.toString(StandardCharsets.ISO_8859_1));
    }

    /** Escapes all but letters, digits and {@code -._~}: AWS' {@code UriEncode}. One character is one byte. */
    static String encode(String bytes, boolean slashToo) {
        StringBuilder text = new StringBuilder(bytes.length() + 16);
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            boolean plain = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            if (plain || c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && !slashToo)) {
                text.append(c);
            } else {
                text.append('%').append(hex(c >> 4 & 15)).append(hex(c & 15));
            }
        }
        return text.toString();
    }

    private static char hex(int digit) {
        return Character.toUpperCase(Character.forDigit(digit, 16));
    }
}
