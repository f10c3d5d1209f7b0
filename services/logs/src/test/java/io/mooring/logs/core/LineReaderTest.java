package io.mooring.logs.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineReaderTest {
    private static final long NOW = 1_795_000_000_000L;
    private static final LineReader READER = new LineReader(NOW, LineLimits.DEFAULT);

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text.replace('\'', '"'));
    }

    private static String code(Outcome<?> outcome) {
        return outcome instanceof Outcome.Refused<?>(Refusal refusal) ? refusal.code() : "";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        2026-11-27 10:00:00 ERROR [main] it broke        | ERROR
        <4>WARNING: low                                   | WARN
        level=warn msg=x                                  | WARN
        {"level":"error","msg":"x"}                       | ERROR
        [fatal] gone                                      | FATAL
        there was no error here                           | INFO
        INFORMATION about ERRORS                          | INFO
        CRITICAL disk                                     | FATAL
        plain                                             | INFO
        """)
    void findsTheLevelThatALineSays(String text, Level level) {
        assertThat(Level.in(text)).isEqualTo(level);
    }

    @Test
    void readsBothFormsOfAnEntry() throws IOException {
        assertThat(READER.entry(json("[%d,'warn','x']".formatted(NOW - 5)), "app"))
                .isEqualTo(Outcome.done(new Line(NOW - 5, Level.WARN, "app", "x", null)));
        assertThat(READER.entry(json("{'text':'ERROR y','source':'s','fields':{'a':1}}"), "app"))
                .isEqualTo(Outcome.done(new Line(NOW, Level.ERROR, "s", "ERROR y", "{\"a\":1}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'x'                                                  | bad-line
        {'text':null}                                        | bad-line
        {'text':'x','time':'soon'}                           | bad-time
        {'text':'x','time':1.5}                              | bad-time
        {'text':'x','time':99999999999999999999}             | bad-time
        {'text':'x','time':'+999999999-12-31T00:00:00Z'}     | bad-time
        {'text':'x','time':-9223372036854775808}             | time-out-of-range
        {'text':'x','level':'huge'}                          | bad-level
        {'text':'x','fields':[1]}                            | bad-fields
        {'text':'x','fields':{'a':'\\u0000'}}                | bad-fields
        {'text':'\\ude00'}                                   | not-text
        """)
    void refusesWhatIsNoLine(String entry, String code) throws IOException {
        assertThat(code(READER.entry(json(entry), ""))).isEqualTo(code);
    }

    @Test
    void boundsTimes() {
        long past = LineLimits.DEFAULT.past().toMillis();
        long future = LineLimits.DEFAULT.future().toMillis();
        assertThat(READER.isInTime(NOW - past)).isTrue();
        assertThat(READER.isInTime(NOW - past - 1)).isFalse();
        assertThat(READER.isInTime(NOW + future)).isTrue();
        assertThat(READER.isInTime(NOW + future + 1)).isFalse();
    }

    @Property
    void whatIsCutFitsAndIsTextAndBeginsAlike(
            @ForAll @IntRange(min = 1, max = 0x10ffff) int codePoint, @ForAll @IntRange(min = 60, max = 300) int most) {
        String text = Texts.cleaned(Character.toString(codePoint).repeat(200));
        String cut = Texts.cut(text, most);

        assertThat(Texts.isText(cut)).isTrue();
        assertThat(Texts.bytes(cut))
                .isEqualTo(cut.getBytes(StandardCharsets.UTF_8).length)
                .isLessThanOrEqualTo(most);
        assertThat(text).startsWith(cut.equals(text) ? text : cut.substring(0, cut.indexOf("… [cut")));
    }

    @Test
    void whatIsNoTextIsMarked() {
        assertThat(Texts.cleaned("a\0b\ud83dc")).isEqualTo("a\ufffdb\ufffdc");
        assertThat(IntStream.range(1, 128).allMatch(c -> Texts.isText(Character.toString(c))))
                .isTrue();
    }
}
