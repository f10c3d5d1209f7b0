package io.mooring.metrics.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.metrics.core.RowMetric.Reading;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which numbers of a row are points, and by what each is known. */
class RowMetricTest {
    private static final long SINCE = Instant.parse("2026-11-27T10:00:00Z").toEpochMilli();
    private static final PointReader READER = new PointReader("DEV1", SINCE + 60_000, PointLimits.DEFAULT);
    private static final String LATER = "2026-11-27T10:00:30.000Z-0001-DEV1";
    private static final String BEFORE = "2026-11-27T09:59:59.999Z-0000-DEV1";

    @Test
    void aFieldWrittenSinceThenIsAPointKnownByItsClock() throws Exception {
        Reading reading = points(
                "{'fields':['celsius','percent'],'dimensions':['room','floor']}",
                "{'celsius':21.5,'percent':40,'room':'a','fields':{'*':'" + BEFORE + "','celsius':'" + LATER + "'}}");

        assertThat(reading.refused()).isEmpty();
        assertThat(reading.found()).singleElement().satisfies(found -> {
            assertThat(found.mark()).isEqualTo("celsius " + LATER);
            assertThat(found.point())
                    .isEqualTo(new Point(
                            "celsius",
                            List.of(Dimensions.NONE, Dimensions.of(Map.of("room", "a"))),
                            21.5,
                            SINCE + 30_000));
        });
    }

    @Test
    void aFieldWithoutAClockOfItsOwnHasTheRows() throws Exception {
        assertThat(points("{'fields':{'c':'temperature'}}", "{'c':1,'fields':{'*':'" + LATER + "'}}")
                        .found())
                .singleElement()
                .satisfies(found -> assertThat(found.point().metric()).isEqualTo("temperature"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'c':'1','fields':{'*':'" + LATER + "'}}",
                "{'c':null,'fields':{'*':'" + LATER + "'}}",
                "{'fields':{'*':'" + LATER + "'}}",
                "{'c':1,'fields':{'c':'yesterday'}}",
                "{'c':1}",
                "[]"
            })
    void whatIsNoNumberOrHasNoClockIsPassedOver(String row) throws Exception {
        Reading reading = points("{'fields':['c']}", row);

        assertThat(reading.found()).isEmpty();
        assertThat(reading.refused()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'fields':[]}",
                "{'fields':['a b']}",
                "{'fields':{'a':''}}",
                "{'fields':['a'],'dimensions':['?']}",
                "[]"
            })
    void whatIsNoDeclarationIsRefused(String json) throws Exception {
        assertThat(RowMetric.read("Weather", json(json), SINCE)).isInstanceOf(Outcome.Refused.class);
        assertThat(RowMetric.read("no model", json("{'fields':['a']}"), SINCE)).isInstanceOf(Outcome.Refused.class);
    }

    private static Reading points(String declared, String row) throws JsonProcessingException {
        return switch (RowMetric.read("Weather", json(declared), SINCE)) {
            case Outcome.Done<RowMetric>(RowMetric metric) -> metric.points(json(row), READER);
            case Outcome.Refused<RowMetric>(Refusal refusal) -> throw new AssertionError(refusal);
        };
    }

    private static JsonNode json(String json) throws JsonProcessingException {
        return Json.read(json.replace('\'', '"'));
    }
}
