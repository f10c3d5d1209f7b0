package io.mooring.bench.bridge;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * One setting, all ways.
 *
 * @param connections devices
 * @param window messages each may have unacknowledged
 * @param kafkaPerSecond what the bare producer got acknowledged
 * @param ways what each way showed
 */
record BenchResult(int connections, int window, double kafkaPerSecond, Map<Way, Measured> ways) {
    BenchResult {
        ways = new EnumMap<>(ways);
    }

    /** What broker and Kafka can do in series: 1/(1/h + 1/k). */
    double seriesPerSecond() {
        if (!ways.containsKey(Way.BROKER)) {
            return Double.NaN;
        }
        return 1 / (1 / measured(Way.BROKER).perSecond() + 1 / kafkaPerSecond);
    }

    double ratio(Way way) {
        return measured(way).perSecond() / seriesPerSecond();
    }

    private Measured measured(Way way) {
        return ways.getOrDefault(way, new Measured(0, 0, 0));
    }

    static String heading() {
        return String.format(
                Locale.ROOT,
                "%11s %6s  %-13s %10s %9s %9s %7s",
                "connections",
                "window",
                "way",
                "msg/s",
                "p50 ms",
                "p99 ms",
                "ratio");
    }

    String lines() {
        StringBuilder text = new StringBuilder();
        text.append(line("kafka alone", new Measured(kafkaPerSecond, 0, 0), Double.NaN));
        ways.forEach((way, measured) ->
                text.append(line(way.title(), measured, way == Way.BROKER ? Double.NaN : ratio(way))));
        return text.toString();
    }

    private String line(String way, Measured measured, double ratio) {
        return String.format(
                Locale.ROOT,
                "%11d %6d  %-13s %10.0f %9s %9s %7s%n",
                connections,
                window,
                way,
                measured.perSecond(),
                measured.p50Millis() == 0 ? "" : String.format(Locale.ROOT, "%.2f", measured.p50Millis()),
                measured.p99Millis() == 0 ? "" : String.format(Locale.ROOT, "%.2f", measured.p99Millis()),
                Double.isNaN(ratio) ? "" : String.format(Locale.ROOT, "%.2f", ratio));
    }

    String json() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "{\"connections\":%d,\"window\":%d,\"kafka_per_s\":%.0f,\"series_per_s\":%.0f",
                connections,
                window,
                kafkaPerSecond,
                seriesPerSecond()));
        ways.forEach((way, measured) -> text.append(String.format(
                Locale.ROOT,
                ",\"%s\":{\"per_s\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"ratio\":%.3f}",
                way.name().toLowerCase(Locale.ROOT),
                measured.perSecond(),
                measured.p50Millis(),
                measured.p99Millis(),
                ratio(way))));
        return text.append('}').toString();
    }
}
