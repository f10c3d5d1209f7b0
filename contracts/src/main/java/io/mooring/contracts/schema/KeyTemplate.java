package io.mooring.contracts.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A OneTable value template such as {@code s#${accountId}#${deviceId}}: text with variables, which
 * are fields of the row.
 *
 * @param source the template as the schema has it
 * @param parts its pieces in order
 */
public record KeyTemplate(String source, List<Part> parts) {
    /** A piece of a template. */
    public sealed interface Part {}

    /** Text that stands for itself. */
    public record Text(String text) implements Part {}

    /** A variable, filled from the field of that name. */
    public record Variable(String field) implements Part {}

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

    public KeyTemplate {
        parts = List.copyOf(parts);
    }

    /** Reads a template. Anything but {@code ${name}} stands for itself. */
    public static KeyTemplate parse(String source) {
        List<Part> parts = new ArrayList<>();
        Matcher matcher = VARIABLE.matcher(source);
        int end = 0;
        while (matcher.find()) {
            if (matcher.start() > end) {
                parts.add(new Text(source.substring(end, matcher.start())));
            }
            parts.add(new Variable(matcher.group(1)));
            end = matcher.end();
        }
        if (end < source.length()) {
            parts.add(new Text(source.substring(end)));
        }
        return new KeyTemplate(source, parts);
    }

    /** The fields it is made of, in order. */
    public List<String> variables() {
        return parts.stream()
                .filter(Variable.class::isInstance)
                .map(part -> ((Variable) part).field())
                .toList();
    }

    /** The key of a row, or empty if a field it is made of has no value. */
    public Optional<String> expand(Function<String, @Nullable String> value) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            if (part instanceof Text plain) {
                text.append(plain.text());
            } else if (part instanceof Variable variable) {
                String filled = value.apply(variable.field());
                if (filled == null) {
                    return Optional.empty();
                }
                text.append(filled);
            }
        }
        return Optional.of(text.toString());
    }

    @Override
    public String toString() {
        return parts.stream()
                .map(part -> part instanceof Text plain ? plain.text() : "${" + ((Variable) part).field() + "}")
                .collect(Collectors.joining());
    }
}
