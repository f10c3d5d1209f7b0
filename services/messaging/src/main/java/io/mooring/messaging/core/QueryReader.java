package io.mooring.messaging.core;

import io.mooring.messaging.core.Query.Operator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads queries.
 *
 * <pre>
 * query      = and { "or" and }
 * and        = part { "and" part }
 * part       = "not" part | "(" query ")" | condition
 * condition  = field ( "=" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=" ) value
 *            | field "in" "(" value { "," value } ")" | field "like" value
 * field      = letter { letter | digit | "_" }
 * value      = word | "'" text "'"   (two quotes within a text stand for one)
 * </pre>
 *
 * Key words may be written in any case. A query becomes parameters of SQL, never part of its text.
 */
public final class QueryReader {
    /** The longest query, in characters. */
    public static final int MAX_LENGTH = 4_000;

    private static final int MAX_CONDITIONS = 100;
    private static final int MAX_DEPTH = 20;

    private static final Pattern TOKEN =
            Pattern.compile("(?:(?<sign><=|>=|!=|=|<|>|\\(|\\)|,)|'(?<text>(?:[^']|'')*)'|(?<word>[\\w.:+*?-]+))");
    private static final Pattern FIELD = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,63}");

    /** A piece of a query; {@code quoted} texts are never key words. */
    private record Token(String text, boolean quoted, int at) {
        boolean is(String word) {
            return !quoted && text.toLowerCase(Locale.ROOT).equals(word);
        }
    }

    private static final class UnreadableException extends Exception {
        UnreadableException(String what) {
            super(what, null, false, false);
        }
    }

    private final List<Token> tokens;
    private int place;
    private int conditions;

    private QueryReader(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** Reads a query; refused with {@code bad-query}, which says where and what was expected. */
    public static Outcome<Query> read(String text) {
        if (text.length() > MAX_LENGTH) {
            return refused("it has " + text.length() + " characters; " + MAX_LENGTH + " are allowed");
        }
        try {
            QueryReader reader = new QueryReader(tokens(text));
            Query query = reader.or(0);
            Token rest = reader.next();
            return rest == null ? Outcome.done(query) : refused("\"and\" or \"or\" is expected " + at(rest));
        } catch (UnreadableException unreadable) {
            return refused(String.valueOf(unreadable.getMessage()));
        }
    }

    private static Outcome<Query> refused(String why) {
        return Outcome.refused("bad-query", "The query cannot be read: " + why + ".");
    }

    private static List<Token> tokens(String text) throws UnreadableException {
        List<Token> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(text);
        int end = 0;
        while (end < text.length()) {
            if (Character.isWhitespace(text.charAt(end))) {
                end++;
                continue;
            }
            if (!matcher.find(end) || matcher.start() != end) {
                throw new UnreadableException("what stands at character " + (end + 1) + " means nothing");
            }
            String quoted = matcher.group("text");
            String plain = matcher.group("sign") == null ? matcher.group("word") : matcher.group("sign");
            tokens.add(
                    quoted == null
                            ? new Token(plain, false, matcher.start())
                            : new Token(quoted.replace("''", "'"), true, matcher.start()));
            end = matcher.end();
        }
        return tokens;
    }

    private Query or(int depth) throws UnreadableException {
        if (depth > MAX_DEPTH) {
            throw new UnreadableException("it is nested more than " + MAX_DEPTH + " deep");
        }
        List<Query> parts = new ArrayList<>(List.of(and(depth)));
        while (take("or")) {
            parts.add(and(depth));
        }
        return parts.size() == 1 ? parts.getFirst() : new Query.Or(parts);
    }

    private Query and(int depth) throws UnreadableException {
        List<Query> parts = new ArrayList<>(List.of(part(depth)));
        while (take("and")) {
            parts.add(part(depth));
        }
        return parts.size() == 1 ? parts.getFirst() : new Query.And(parts);
    }

    private Query part(int depth) throws UnreadableException {
        if (take("not")) {
            if (depth >= MAX_DEPTH) {
                throw new UnreadableException("it is nested more than " + MAX_DEPTH + " deep");
            }
            return new Query.Not(part(depth + 1));
        }
        if (take("(")) {
            Query inner = or(depth + 1);
            require(")");
            return inner;
        }
        return condition();
    }

    private Query condition() throws UnreadableException {
        if (++conditions > MAX_CONDITIONS) {
            throw new UnreadableException("it has more than " + MAX_CONDITIONS + " conditions");
        }
        Token field = next();
        if (field == null || field.quoted() || !FIELD.matcher(field.text()).matches()) {
            throw new UnreadableException("a field's name is expected " + at(field));
        }
        place++;
        if (take("in")) {
            require("(");
            List<String> values = new ArrayList<>(List.of(value()));
            while (take(",")) {
                values.add(value());
            }
            require(")");
            conditions += values.size() - 1;
            return new Query.OneOf(field.text(), values);
        }
        if (take("like")) {
            return new Query.Like(field.text(), value());
        }
        for (Operator operator : Operator.values()) {
            if (take(operator.sign())) {
                return new Query.Comparison(field.text(), operator, value());
            }
        }
        throw new UnreadableException("one of = != < <= > >= in like is expected " + at(next()));
    }

    private String value() throws UnreadableException {
        Token value = next();
        if (value == null || (!value.quoted() && "=!=<=>=(),".contains(value.text()))) {
            throw new UnreadableException("a value is expected " + at(value));
        }
        if (value.text().indexOf('\0') >= 0) {
            throw new UnreadableException("the value " + at(value) + " holds the character U+0000");
        }
        place++;
        return value.text();
    }

    private @Nullable Token next() {
        return place < tokens.size() ? tokens.get(place) : null;
    }

    private boolean take(String word) {
        Token token = next();
        if (token != null && token.is(word)) {
            place++;
            return true;
        }
        return false;
    }

    private void require(String sign) throws UnreadableException {
        if (!take(sign)) {
            throw new UnreadableException("\"" + sign + "\" is expected " + at(next()));
        }
    }

    private static String at(@Nullable Token token) {
        return token == null ? "at the end" : "at character " + (token.at() + 1);
    }
}
