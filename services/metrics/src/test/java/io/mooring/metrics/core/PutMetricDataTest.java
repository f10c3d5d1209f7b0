package io.mooring.metrics.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.mooring.chassis.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What CloudWatch's clients may say, and what it comes to. */
class PutMetricDataTest {
    private static final long NOW = 1_790_000_000_000L;
    private static final PointReader READER = new PointReader("DEV1", NOW, PointLimits.DEFAULT);

    @Test
    void aDatumIsAPointOfItsDimensions() throws Exception {
        Point point =
                done("{'MetricName':'temp','Value':21.5,'Unit':'None','Timestamp':1789999999.5,'StorageResolution':1,"
                        + "'Dimensions':[{'Name':'room','Value':'a'},{'Name':'Device','Value':'DEV1'}]}");

        assertThat(point).isEqualTo(new Point("temp", List.of(Dimensions.of(Map.of("room", "a"))), 21.5, NOW - 500));
    }

    @Test
    void textsStandForNumbersAsTheQueryFormHasThem() throws Exception {
        Point point =
                done("{'MetricName':'m','Values':['1','2e0'],'Counts':['3','1'],'Timestamp':'2026-09-21T14:13:20Z'}");

        Window window = window(point);
        assertThat(window.count()).isEqualTo(4);
        assertThat(window.sum()).isEqualTo(5);
        assertThat(window.value(Statistic.P50)).isCloseTo(1, within(0.01));
    }

    @Test
    void aStatisticSetCountsAsWhatItSumsUp() throws Exception {
        Window window = window(
                done("{'MetricName':'m','StatisticValues':{'SampleCount':10,'Sum':50,'Minimum':1,'Maximum':9}}"));

        assertThat(window.count()).isEqualTo(10);
        assertThat(window.sum()).isEqualTo(50);
        assertThat(window.min()).isEqualTo(1);
        assertThat(window.max()).isEqualTo(9);
        assertThat(window.value(Statistic.P50)).isCloseTo(5, within(0.05));
    }

    @Test
    void ofValuesAndTheirStatisticSetTheSetIsExact() throws Exception {
        Window window = window(done("{'MetricName':'m','Values':[9.9,20],'Counts':[1,2],"
                + "'StatisticValues':{'SampleCount':3,'Sum':50,'Minimum':10,'Maximum':20}}"));

        assertThat(window.count()).isEqualTo(3);
        assertThat(window.sum()).isEqualTo(50);
        assertThat(window.min()).isEqualTo(10);
        assertThat(window.value(Statistic.P99)).isCloseTo(20, within(0.2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'Value':1}|MissingParameter",
                "{'MetricName':'m'}|MissingParameter",
                "{'MetricName':'m','Value':1,'Values':[1]}|InvalidParameterCombination",
                "{'MetricName':'m','Values':[1,2],'Counts':[1]}|InvalidParameterCombination",
                "{'MetricName':'m','Value':'NaN'}|InvalidParameterValue",
                "{'MetricName':'m','Value':'Infinity'}|InvalidParameterValue",
                "{'MetricName':'m','Value':1e200}|InvalidParameterValue",
                "{'MetricName':'m','Values':[]}|InvalidParameterValue",
                "{'MetricName':'m','Values':[1],'Counts':[0]}|InvalidParameterValue",
                "{'MetricName':'m','Values':[1],'Counts':[1e10]}|InvalidParameterValue",
                "{'MetricName':'m','Value':1,'Unit':'Furlongs'}|InvalidParameterValue",
                "{'MetricName':'m','Value':1,'StorageResolution':30}|InvalidParameterValue",
                "{'MetricName':'m','Value':1,'Timestamp':1}|InvalidParameterValue",
                "{'MetricName':'m','Value':1,'Timestamp':'soon'}|InvalidParameterValue",
                "{'MetricName':'m','Value':1,'Timestamp':1e300}|InvalidParameterValue",
                "{'MetricName':'m','Value':1,'Dimensions':[{'Name':'Device','Value':'DEV2'}]}|InvalidParameterValue",
                "{'MetricName':'m','Value':1,'Dimensions':[{'Name':'a','Value':'b'},{'Name':'a','Value':'c'}]}|InvalidParameterValue",
                "{'MetricName':'m','Value':1,'Dimensions':[{'Name':'a'}]}|InvalidParameterValue",
                "{'MetricName':'m','StatisticValues':{'SampleCount':1,'Sum':1,'Minimum':2,'Maximum':1}}|InvalidParameterValue",
                "{'MetricName':'m','StatisticValues':{'SampleCount':1,'Sum':1,'Minimum':2}}|InvalidParameterValue",
            })
    void whatCannotBeIsRefusedAsAWhole(String datum, String code) throws Exception {
        Outcome<List<Point>> outcome = read("{'MetricData':[{'MetricName':'m','Value':1}," + datum + "]}");

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Refused.class, refused -> {
            assertThat(refused.refusal().code()).isEqualTo(code);
            assertThat(refused.refusal().detail()).startsWith("MetricData.member.2: ");
        });
    }

    private static Outcome<List<Point>> read(String json) throws JsonProcessingException {
        return PutMetricData.read(Json.read(json.replace('\'', '"')), READER);
    }

    private static Point done(String datum) throws JsonProcessingException {
        return switch (read("{'MetricData':[" + datum + "]}")) {
            case Outcome.Done<List<Point>>(List<Point> points) -> points.getFirst();
            case Outcome.Refused<List<Point>>(Refusal refusal) -> throw new AssertionError(refusal);
        };
    }

    private static Window window(Point point) {
        WindowSum sum = new WindowSum();
        sum.add(point.measured(), point.millis());
        return sum.window();
    }
}
