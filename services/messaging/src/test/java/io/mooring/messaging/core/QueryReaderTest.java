package io.mooring.messaging.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.messaging.core.Query.Operator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryReaderTest {
    @Test
    void readsConditionsByTheirPrecedence() {
        assertThat(read("product = acme-meter and version < 2 or not (name like 'a*' and state in (active, 'it''s'))"))
                .isEqualTo(new Query.Or(List.of(
                        new Query.And(List.of(
                                new Query.Comparison("product", Operator.EQUAL, "acme-meter"),
                                new Query.Comparison("version", Operator.LESS, "2"))),
                        new Query.Not(new Query.And(List.of(
                                new Query.Like("name", "a*"), new Query.OneOf("state", List.of("active", "it's"))))))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "                  | a field's name is expected at the end",
                "a                 | is expected at the end",
                "a =               | a value is expected at the end",
                "a = 1 b = 2       | \"and\" or \"or\" is expected at character 7",
                "(a = 1            | \")\" is expected at the end",
                "a in (1           | \")\" is expected at the end",
                "a = 'x            | what stands at character 5 means nothing",
                "a = 1; drop table | what stands at character 6 means nothing",
                "'a' = 1           | a field's name is expected at character 1",
            })
    void saysWhatIsWrongAndWhere(String text, String why) {
        String given = text == null ? "" : text;

        assertThat(QueryReader.read(given)).isInstanceOfSatisfying(Outcome.Refused.class, refused -> {
            assertThat(((Refusal) refused.refusal()).code()).isEqualTo("bad-query");
            assertThat(((Refusal) refused.refusal()).detail()).contains(why);
        });
    }

    @Test
    void refusesWhatIsTooLongOrTooDeep() {
        assertThat(QueryReader.read("a = 1 or ".repeat(1000) + "a = 1")).isInstanceOf(Outcome.Refused.class);
        assertThat(QueryReader.read("not ".repeat(50) + "a = 1")).isInstanceOf(Outcome.Refused.class);
        assertThat(QueryReader.read("(".repeat(50) + "a = 1" + ")".repeat(50))).isInstanceOf(Outcome.Refused.class);
    }

    @Property(tries = 2000)
    void neverFails(@ForAll String text) {
        assertThat(QueryReader.read(text)).isNotNull();
    }

    private static Query read(String text) {
        return switch (QueryReader.read(text)) {
            case Outcome.Done<Query>(Query query) -> query;
            case Outcome.Refused<Query>(Refusal refusal) -> throw new AssertionError(refusal);
        };
    }
}
