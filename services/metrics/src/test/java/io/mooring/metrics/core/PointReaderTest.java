package io.mooring.metrics.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.mooring.chassis.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a device may say, and what it may not. */
class PointReaderTest {
    private static final long NOW = 1_790_000_000_000L;
    private static final PointReader READER = new PointReader("DEV1", NOW, PointLimits.DEFAULT);

    @Test
    void whatTheAgentSendsIsAPointOfItsOwn() throws Exception {
        Point point = read(
                "{'metric':'RANDOM','value':4.022246,'dimensions':[{'Device':'${deviceId}'}],'buffer':{'elapsed':0}}");

        assertThat(point).isEqualTo(new Point("RANDOM", List.of(Dimensions.NONE), 4.022246, NOW));
    }

    @Test
    void ownAndFleetAreOneSetAndCountOnce() throws Exception {
        assertThat(read("{'metric':'m','value':1,'dimensions':[{'Device':'${deviceId}'},{}]}")
                        .dimensions())
                .containsExactly(Dimensions.NONE);
        assertThat(read("{'metric':'m','value':1,'dimensions':[]}").dimensions())
                .containsExactly(Dimensions.NONE);
        assertThat(read("{'metric':'m','value':1,'dimensions':[{},{'room':'a','Device':'DEV1'}]}")
                        .dimensions())
                .containsExactly(Dimensions.NONE, Dimensions.of(Map.of("room", "a")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'metric':'m','value':'NaN'}|bad-value",
                "{'metric':'m'}|bad-value",
                "{'metric':'m','value':1e999}|value-out-of-range",
                "{'metric':'m','value':1e200}|value-out-of-range",
                "{'metric':'','value':1}|bad-metric",
                "{'value':1}|bad-metric",
                "{'metric':'a\\u0000b','value':1}|bad-metric",
                "{'metric':'\\ud800','value':1}|bad-metric",
                "{'metric':'m','value':1,'dimensions':[{'Device':'DEV2'}]}|another-device",
                "{'metric':'m','value':1,'dimensions':[{'a':''}]}|bad-dimensions",
                "{'metric':'m','value':1,'dimensions':[{'a':{}}]}|bad-dimensions",
                "{'metric':'m','value':1,'dimensions':'x'}|bad-dimensions",
                "{'metric':'m','value':1,'time':'yesterday'}|bad-time",
                "{'metric':'m','value':1,'time':'2024-01-01T00:00:00Z'}|time-out-of-range",
                "{'metric':'m','value':1,'time':9e99}|bad-time",
                "{'metric':'m','value':1,'time':1790007200001}|time-out-of-range",
                "[]|bad-metric"
            })
    void sayswhyItIsRefused(String json, String code) throws Exception {
        assertThat(READER.one(Json.read(json.replace('\'', '"'))))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(code));
    }

    @Test
    void aQuestionIsOfTheDeviceItsProductOrItsCloud() throws Exception {
        assertThat(question("{'metric':'m','dimensions':{'Device':'${deviceId}'},'period':300,'statistic':'avg'}"))
                .isEqualTo(new MetricQuestion(Owner.device("DEV1"), "m", Dimensions.NONE, 300, Statistic.AVG));
        assertThat(question("{'metric':'m','dimensions':[{}],'period':60,'statistic':'current'}"))
                .isEqualTo(new MetricQuestion(Owner.CLOUD, "m", Dimensions.NONE, 60, Statistic.LAST));
        assertThat(question("{'metric':'m','dimensions':{'Product':'P1','room':'a'},'statistic':'nonsense'}"))
                .isEqualTo(new MetricQuestion(
                        Owner.product("P1"), "m", Dimensions.of(Map.of("room", "a")), 300, Statistic.SUM));
        assertThat(MetricQuestion.read(
                        Json.read("{\"metric\":\"m\",\"dimensions\":{\"Device\":\"DEV2\"}}"), "DEV1", Optional.empty()))
                .isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void dimensionsAreReadAsTheyWereWritten() {
        Dimensions dimensions = Dimensions.of(Map.of("b", "x=y,z", "a", "1"));

        assertThat(Dimensions.parse(dimensions.text())).isEqualTo(dimensions);
        assertThat(Dimensions.parse("")).isEqualTo(Dimensions.NONE);
    }

    @Test
    void aDeviceAtItsLimitUsesUpNothingOfItsCloud() {
        SeriesAdmission admission =
                new SeriesAdmission(new SeriesLimits(2, 9, 9, 99), java.util.Set.of(), Map.of(), Map.of());
        for (int i = 0; i < 100; i++) {
            boolean admitted =
                    admission.admit(new Source("main", "DEV1", 0, "P1", "m", Dimensions.of(Map.of("n", "" + i))));
            assertThat(admitted).isEqualTo(i < 2);
        }

        assertThat(admission.admitted()).hasSize(6);
        assertThat(admission.admit(new Source("main", "DEV2", 0, "P1", "m", Dimensions.NONE)))
                .isTrue();
    }

    private static Point read(String json) throws JsonProcessingException {
        return switch (READER.one(Json.read(json.replace('\'', '"')))) {
            case Outcome.Done<Point>(Point point) -> point;
            case Outcome.Refused<Point>(Refusal refusal) -> throw new AssertionError(refusal);
        };
    }

    private static MetricQuestion question(String json) throws JsonProcessingException {
        return switch (MetricQuestion.read(Json.read(json.replace('\'', '"')), "DEV1", Optional.of("P1"))) {
            case Outcome.Done<MetricQuestion>(MetricQuestion question) -> question;
            case Outcome.Refused<MetricQuestion>(Refusal refusal) -> throw new AssertionError(refusal);
        };
    }
}
