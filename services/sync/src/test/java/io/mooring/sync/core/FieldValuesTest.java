package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.schema.FieldType;
import java.math.BigDecimal;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldValuesTest {
    private static Value number(String text) {
        return new Value(Value.Kind.NUMBER, text);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1.50, 1.5", "100, 100", "0.10000000000000001, 0.1", "1e3, 1000", "-0, 0", "1e25, 1E+25"})
    void givesANumberOneForm(String sent, String kept) {
        assertThat(FieldValues.fit(FieldType.NUMBER, number(sent))).hasValue(number(kept));
    }

    @ParameterizedTest
    @CsvSource({"9007199254740993", "1e400", "1e-400", "12345678901234567891"})
    void doesNotFitANumberThatWouldComeBackAsAnother(String sent) {
        assertThat(FieldValues.fit(FieldType.NUMBER, number(sent))).isEmpty();
        assertThat(FieldValues.stored(FieldType.NUMBER, number(sent))).isEqualTo(number(sent));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T01:42:37.297Z, 2026-11-23T01:42:37.297Z",
        "2026-11-23T01:42:37Z, 2026-11-23T01:42:37.000Z",
        "2026-11-23T02:42:37.2971+01:00, 2026-11-23T01:42:37.297Z",
        "1970-01-01T00:00:00.000Z, 1970-01-01T00:00:00.000Z",
    })
    void givesADateOneForm(String sent, String kept) {
        assertThat(FieldValues.fit(FieldType.DATE, Value.text(sent))).hasValue(Value.text(kept));
    }

    @Test
    void fitsOnlyWhatTheColumnHolds() {
        assertThat(FieldValues.fit(FieldType.DATE, Value.text("+12026-01-01T00:00:00Z")))
                .isEmpty();
        assertThat(FieldValues.fit(FieldType.DATE, number("1"))).isEmpty();
        assertThat(FieldValues.fit(FieldType.STRING, number("1"))).isEmpty();
        assertThat(FieldValues.fit(FieldType.BOOLEAN, Value.text("true"))).isEmpty();
        assertThat(FieldValues.fit(FieldType.BUFFER, Value.text("*"))).isEmpty();
        assertThat(FieldValues.fit(FieldType.OBJECT, Value.text("any"))).isPresent();
    }

    @Property
    void returnsEveryDoubleAsItself(@ForAll double any) {
        Value value = FieldValues.number(any);

        assertThat(Double.parseDouble(value.text())).isEqualTo(any == 0 ? 0.0 : any);
        assertThat(FieldValues.fit(FieldType.NUMBER, value)).hasValue(value);
    }

    @Property
    void takesForPlainOnlyWhatArithmeticWouldLeaveAlone(
            @ForAll @LongRange(min = -2_000_000_000_000L, max = 2_000_000_000_000L) long digits,
            @ForAll @IntRange(max = 9) int scale) {
        String text = BigDecimal.valueOf(digits, scale).toPlainString();

        if (FieldValues.isPlain(text)) {
            assertThat(FieldValues.number(Double.parseDouble(text))).isEqualTo(number(text));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "-0", "007", "1.", "1.50", ".5", "1e3", "1.2.3", "1234567890123456"})
    void doesNotTakeForPlainWhatIsNot(String text) {
        assertThat(FieldValues.isPlain(text)).isFalse();
    }
}
