package io.mooring.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParseException;
import io.mooring.sync.core.Value;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecTest {
    private static Value value(String json) throws Exception {
        return Objects.requireNonNull(JsonCodec.value(JsonCodec.read(json)));
    }

    @Test
    void givesEqualValuesOneForm() throws Exception {
        assertThat(value("{\"b\":[1.0,{\"y\":null,\"x\":\"\\u00e9\"}],\"a\":1e2}"))
                .isEqualTo(value("{ \"a\": 100, \"b\": [1, {\"x\": \"é\", \"y\": null}] }"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a\\u0000\"", "\"\\ud800\"", "[1e999]", "1e-500"})
    void doesNotTakeWhatNobodyCouldHold(String json) {
        assertThatThrownBy(() -> value(json)).isInstanceOf(JsonCodec.UnusableValueException.class);
    }

    /** Newer parsers refuse such a name themselves, older ones leave it to us. */
    @Test
    void doesNotTakeANameThatIsNoText() {
        assertThatThrownBy(() -> value("{\"\\udc00\":1}"))
                .isInstanceOfAny(JsonCodec.UnusableValueException.class, JsonParseException.class);
    }

    @Test
    void readsSchemasAsPeopleWriteThem() throws Exception {
        assertThat(JsonCodec.readJson5("// note\n{a: 'x', /* more */ b: [1, .5, +2,],}"))
                .containsOnlyKeys("a", "b");
        assertThatThrownBy(() -> JsonCodec.readJson5("{a: 1} {b: 2}")).isInstanceOf(java.io.IOException.class);
        assertThatThrownBy(() -> JsonCodec.readJson5("{a: 1, a: 2}")).isInstanceOf(java.io.IOException.class);
    }

    @Property
    void writesTextThatReadsBackAsItself(@ForAll @StringLength(max = 50) String any) throws Exception {
        String json = Value.text(any).json();

        assertThat(JsonCodec.read(json).textValue()).isEqualTo(any);
    }
}
