package io.mooring.agent.db;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two values under one clock are settled the same on a device and in the cloud, in whatever form they came. */
class ValuesTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"n\":797,\"by\":\"A\"} | {\"by\":\"A\",\"n\":1029} | 1",
                "{\"list\":[1],\"by\":\"A\"} | {\"by\":\"A\",\"list\":[1.0]} | 0",
                "10000000000 | 1.0E10 | 0",
                "796.5 | 1028.5 | 1",
                "true | 1 | -1",
                "[1,\"b\"] | [1,\"a\"] | 1",
                "\"b\" | \"a\" | 1",
            })
    void areOrderedByTheirCanonicalText(String one, String other, int order) throws Exception {
        assertThat(Integer.signum(Values.ORDER.compare(JSON.readTree(one), JSON.readTree(other))))
                .isEqualTo(order);
        assertThat(Integer.signum(Values.ORDER.compare(JSON.readTree(other), JSON.readTree(one))))
                .isEqualTo(-order);
    }
}
