package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.FieldType;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Optional;

/**
 * Fits values to the types a schema declares. A device's value that does not fit is kept as it came,
 * beside the typed column (device protocol, section 3.2), so fitting never refuses.
 */
public final class FieldValues {
    private static final int MAX_PLAIN_LENGTH = 15;
    private static final Instant FIRST_DATE = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST_DATE = Instant.parse("9999-12-31T23:59:59.999Z");

    private FieldValues() {}

    /** The value as the declared type's column holds and returns it; empty if it does not fit there. */
    public static Optional<Value> fit(FieldType type, Value value) {
        return switch (type) {
            case STRING -> only(Value.Kind.TEXT, value);
            case BOOLEAN -> only(Value.Kind.BOOLEAN, value);
            case NUMBER -> value.kind() == Value.Kind.NUMBER ? number(value) : Optional.empty();
            case DATE -> value.kind() == Value.Kind.TEXT ? date(value.text()) : Optional.empty();
            case BUFFER -> value.kind() == Value.Kind.TEXT ? buffer(value.text()) : Optional.empty();
            case OBJECT, ARRAY, SET -> Optional.of(value);
        };
    }

    /** The value as it is stored: fitted if it fits, else as it came. */
    public static Value stored(FieldType type, Value value) {
        return fit(type, value).orElse(value);
    }

    private static Optional<Value> only(Value.Kind kind, Value value) {
        return value.kind() == kind ? Optional.of(value) : Optional.empty();
    }

    private static Optional<Value> number(Value value) {
        if (isPlain(value.text())) {
            return Optional.of(value);
        }
        BigDecimal exact = new BigDecimal(value.text());
        double nearest = exact.doubleValue();
        if (Double.isInfinite(nearest) || (nearest == 0 && exact.signum() != 0)) {
            return Optional.empty();
        }
        boolean whole = exact.stripTrailingZeros().scale() <= 0;
        if (whole && new BigDecimal(Double.toString(nearest)).compareTo(exact) != 0) {
            return Optional.empty(); // a whole number beyond 2^53 would come back as another
        }
        return Optional.of(number(nearest));
    }

    /**
     * Whether a number's text is canonical, and a double holds it: at most 15 digits and none superfluous. Most numbers
     * are, and need no arithmetic then.
     */
    public static boolean isPlain(String text) {
        int at = text.startsWith("-") ? 1 : 0;
        int length = text.length();
        if (at == length || length > MAX_PLAIN_LENGTH) {
            return false;
        }
        boolean leadingZero = text.charAt(at) == '0' && (at + 1 == length || text.charAt(at + 1) != '.');
        if (leadingZero) {
            return length == 1;
        }
        int point = -1;
        for (int i = at; i < length; i++) {
            char c = text.charAt(i);
            if (c == '.' && point < 0 && i > at) {
                point = i;
            } else if (c < '0' || c > '9') {
                return false;
            }
        }
        return point < 0 || (text.charAt(length - 1) != '0' && point < length - 1 && !text.startsWith("0.000000", at));
    }

    /** A finite number in its canonical form. */
    public static Value number(double number) {
        return new Value(Value.Kind.NUMBER, canonicalNumber(new BigDecimal(Double.toString(number))));
    }

    /** A number's canonical text: no superfluous zeros, plain unless very large or small. */
    public static String canonicalNumber(BigDecimal number) {
        BigDecimal stripped = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
        int magnitude = stripped.precision() - stripped.scale();
        return magnitude > -7 && magnitude <= 21 ? stripped.toPlainString() : stripped.toString();
    }

    /** A time in milliseconds since 1970 as a date's value. */
    public static Value date(Instant instant) {
        return Value.text(HybridTimestamp.formatMillis(instant.toEpochMilli()));
    }

    private static Optional<Value> date(String text) {
        try {
            Instant instant = OffsetDateTime.parse(text).toInstant();
            boolean storable = !instant.isBefore(FIRST_DATE) && !instant.isAfter(LAST_DATE);
            return storable ? Optional.of(date(instant)) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Value> buffer(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            return Optional.of(Value.text(Base64.getEncoder().encodeToString(bytes)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
