package io.mooring.bench.telemetry;

import io.mooring.bench.report.PerformancePage;
import io.mooring.bench.report.ScalePlot;
import io.mooring.bench.sync.SyncOptions;
import io.mooring.bench.telemetry.TelemetryStack.Cost;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code bench telemetry-scale}: what a point, a line, and questions about them cost as devices, series and history become more: processor
 * time of PostgreSQL and the service, which hardly depends on what else the machine does.
 */
public final class TelemetryScaleBench {
    private static final SyncOptions STANDARD =
            SyncOptions.of("scale", 100, "points", 60_000, "lines", 30_000, "questions", 300, "warm", 4);
    private static final int FEW_DEVICES = 50;
    private static final int SOME_DEVICES = 500;
    private static final int FEW_SERIES = 2;
    private static final int SOME_SERIES = 20;
    private static final int YEAR_HOURS = 365 * 24;

    private final SyncOptions options;
    private final TelemetryStack stack;

    private TelemetryScaleBench(SyncOptions options, TelemetryStack stack) {
        this.options = options;
        this.stack = stack;
    }

    public static void main(String[] args) throws Exception {
        SyncOptions options = STANDARD.parsed("telemetry-scale", args);
        try (TelemetryStack stack = TelemetryStack.start()) {
            new TelemetryScaleBench(options, stack).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        int devices = Math.max(SOME_DEVICES, FEW_DEVICES * options.get("scale"));
        stack.register(
                IntStream.range(0, devices).mapToObj(PointScale::device).toList(), "metrics.device", "logs.device");
        Map<PointScale.Size, PointScale.Seen> points = points();
        Map<LineScale.Size, LineScale.Seen> lines = lines();
        String tables = pointTable(points.values()) + "\n" + lineTable(lines.values());
        System.out.print(tables);
        if (options.writeDocs()) {
            PerformancePage.write("telemetry-scale", tables, picture(points, lines));
        }
        if (options.output().isPresent()) {
            Files.writeString(
                    options.output().get(),
                    points.values() + System.lineSeparator() + lines.values() + System.lineSeparator());
        }
    }

    private <T> List<T> grown(Function<Integer, T> size) {
        return Stream.iterate(1, factor -> factor <= options.get("scale"), factor -> factor * 10)
                .map(size)
                .toList();
    }

    private List<PointScale.Size> pointsByDevices() {
        return grown(factor -> new PointScale.Size(FEW_DEVICES * factor, SOME_SERIES, 0));
    }

    private List<PointScale.Size> pointsBySeries() {
        return grown(factor -> new PointScale.Size(SOME_DEVICES, FEW_SERIES * factor, 0));
    }

    /** By an hour, four days, and all that is ever kept: more than a hundredfold, since nothing is kept for a hundred times four days. */
    private List<PointScale.Size> pointsByHours() {
        return grown(factor -> new PointScale.Size(SOME_DEVICES, SOME_SERIES, Math.min(YEAR_HOURS, factor * factor)));
    }

    private List<LineScale.Size> linesByDevices() {
        return grown(factor -> new LineScale.Size(FEW_DEVICES * factor, 1));
    }

    private List<LineScale.Size> linesByDays() {
        return grown(factor -> new LineScale.Size(FEW_DEVICES, factor));
    }

    private Map<PointScale.Size, PointScale.Seen> points() throws Exception {
        PointScale scale = new PointScale(stack, options.get("points"), options.get("questions"));
        for (int i = 0; i < options.get("warm"); i++) {
            System.out.println("warm   " + scale.measure(pointsByDevices().getFirst()));
        }
        // Those with few series first, since there are never fewer than before.
        List<PointScale.Size> sizes = Stream.of(pointsByDevices(), pointsBySeries(), pointsByHours())
                .flatMap(List::stream)
                .distinct()
                .sorted(Comparator.comparing(size -> size.devices() * size.series()))
                .toList();
        Map<PointScale.Size, PointScale.Seen> seen = new LinkedHashMap<>();
        for (PointScale.Size size : sizes) {
            seen.put(size, scale.measure(size));
            System.out.println("       " + seen.get(size));
        }
        return seen;
    }

    private Map<LineScale.Size, LineScale.Seen> lines() throws Exception {
        LineScale scale = new LineScale(stack, options.get("lines"), options.get("questions"));
        scale.prepare();
        for (int i = 0; i < options.get("warm"); i++) {
            System.out.println("warm   " + scale.measure(linesByDevices().getFirst()));
        }
        List<LineScale.Size> sizes = Stream.of(linesByDevices(), linesByDays())
                .flatMap(List::stream)
                .distinct()
                .toList();
        Map<LineScale.Size, LineScale.Seen> seen = new LinkedHashMap<>();
        for (LineScale.Size size : sizes) {
            seen.put(size, scale.measure(size));
            System.out.println("       " + seen.get(size));
        }
        return seen;
    }

    private static String pointTable(Iterable<PointScale.Seen> all) {
        StringBuilder table = new StringBuilder("""
                | devices | series of each | history, hours | windows stored | a point, µs: PostgreSQL | metrics | in all | a question, µs |
                | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
                """);
        for (PointScale.Seen seen : all) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %,d | %,d | %,d | %,d | %.0f | %.0f | **%.0f** | %,.0f |%n",
                    seen.size().devices(),
                    seen.size().series(),
                    seen.size().hours(),
                    seen.stored(),
                    seen.point().postgresql(),
                    seen.point().service(),
                    seen.point().all(),
                    seen.question().all()));
        }
        return table.toString();
    }

    private static String lineTable(Iterable<LineScale.Seen> all) {
        StringBuilder table = new StringBuilder("""
                | devices | history, days | lines stored | a line, µs: PostgreSQL | logs | in all | newest of a device, µs | with a word, µs |
                | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
                """);
        for (LineScale.Seen seen : all) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %,d | %,d | %,d | %.0f | %.0f | **%.0f** | %,.0f | %,.0f |%n",
                    seen.size().devices(),
                    seen.size().days(),
                    seen.size().stored(),
                    seen.line().postgresql(),
                    seen.line().service(),
                    seen.line().all(),
                    seen.newest().all(),
                    seen.word().all()));
        }
        return table.toString();
    }

    private String picture(Map<PointScale.Size, PointScale.Seen> points, Map<LineScale.Size, LineScale.Seen> lines) {
        String devices = "devices with " + SOME_SERIES + " series each";
        String series = "series of each of " + SOME_DEVICES + " devices";
        String hours = "hours of history of " + SOME_DEVICES * SOME_SERIES + " series";
        String today = "devices with a day of lines each";
        String days = "days of lines of " + FEW_DEVICES + " devices";
        Map<String, ToDoubleFunction<PointScale.Seen>> point = parts("metrics", PointScale.Seen::point);
        Map<String, ToDoubleFunction<PointScale.Seen>> question =
                Map.of("the last hour of a series", seen -> seen.question().all());
        Map<String, ToDoubleFunction<LineScale.Seen>> line = parts("logs", LineScale.Seen::line);
        Map<String, ToDoubleFunction<LineScale.Seen>> search = new LinkedHashMap<>();
        search.put("newest 100 lines of a device", seen -> seen.newest().all());
        search.put("with a word in them", seen -> seen.word().all());
        return ScalePlot.svg(List.of(
                List.of(
                        panel("a point, by " + devices, points, pointsByDevices(), PointScale.Size::devices, point),
                        panel("a point, by " + series, points, pointsBySeries(), PointScale.Size::series, point),
                        panel("a point, by " + hours, points, pointsByHours(), PointScale.Size::hours, point)),
                List.of(
                        panel(
                                "a question, by " + devices,
                                points,
                                pointsByDevices(),
                                PointScale.Size::devices,
                                question),
                        panel("a question, by " + series, points, pointsBySeries(), PointScale.Size::series, question),
                        panel("a question, by " + hours, points, pointsByHours(), PointScale.Size::hours, question)),
                List.of(
                        panel("a line, by " + today, lines, linesByDevices(), LineScale.Size::devices, line),
                        panel("a line, by " + days, lines, linesByDays(), LineScale.Size::days, line)),
                List.of(
                        panel("a search, by " + today, lines, linesByDevices(), LineScale.Size::devices, search),
                        panel("a search, by " + days, lines, linesByDays(), LineScale.Size::days, search))));
    }

    private static <T> Map<String, ToDoubleFunction<T>> parts(String service, Function<T, Cost> cost) {
        Map<String, ToDoubleFunction<T>> parts = new LinkedHashMap<>();
        parts.put("in all", seen -> cost.apply(seen).all());
        parts.put("PostgreSQL", seen -> cost.apply(seen).postgresql());
        parts.put(service, seen -> cost.apply(seen).service());
        return parts;
    }

    private static <S, T> ScalePlot.Panel panel(
            String title,
            Map<S, T> seen,
            List<S> sizes,
            ToIntFunction<S> place,
            Map<String, ToDoubleFunction<T>> costs) {
        Map<String, List<Double>> lines = new LinkedHashMap<>();
        costs.forEach((name, cost) -> lines.put(
                name,
                sizes.stream().map(size -> cost.applyAsDouble(seen.get(size))).toList()));
        List<Integer> places = new ArrayList<>();
        sizes.forEach(size -> places.add(place.applyAsInt(size)));
        return new ScalePlot.Panel(title, places, lines);
    }
}
