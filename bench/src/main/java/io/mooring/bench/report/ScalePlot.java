package io.mooring.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws what something costs over how much there is: lines on a logarithmic scale, as SVG. */
public final class ScalePlot {
    private static final int WIDTH = 420;
    private static final int HEIGHT = 260;
    private static final int ROW = HEIGHT + 24;
    private static final int LEFT = 64;
    private static final int TOP = 40;
    private static final int BOTTOM = 44;
    private static final int RIGHT = 16;
    private static final List<String> COLOURS = List.of("#0b6e99", "#c2541b", "#3b7a3b");

    private ScalePlot() {}

    /**
     * One panel.
     *
     * @param title what is varied
     * @param places the numbers along the bottom
     * @param lines µs by place, by name
     */
    public record Panel(String title, List<Integer> places, Map<String, List<Double>> lines) {}

    /** Panels in rows; those of a row have one vertical scale, from 0. */
    public static String svg(List<List<Panel>> rows) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%1$d\" height=\"%2$d\" viewBox=\"0 0 %1$d %2$d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                WIDTH * columns,
                ROW * rows.size()));
        for (int row = 0; row < rows.size(); row++) {
            List<Panel> panels = rows.get(row);
            double top = top(panels);
            for (int column = 0; column < panels.size(); column++) {
                svg.append(
                        String.format(Locale.ROOT, "<g transform=\"translate(%d %d)\">%n", column * WIDTH, row * ROW));
                draw(svg, panels.get(column), top);
                svg.append("</g>\n");
            }
        }
        return svg.append("</svg>\n").toString();
    }

    /** Where a scale for all of them ends: one digit, and zeros. */
    private static double top(List<Panel> panels) {
        double most = panels.stream()
                .flatMap(panel -> panel.lines().values().stream())
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1);
        double step = Math.pow(10, Math.floor(Math.log10(most)));
        return Math.ceil(most / step) * step;
    }

    private static void draw(StringBuilder svg, Panel panel, double top) {
        text(svg, WIDTH / 2.0, 18, "middle", panel.title());
        for (int i = 0; i <= 4; i++) {
            double value = top * i / 4;
            double y = y(value, top);
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
                    LEFT,
                    y,
                    WIDTH - RIGHT,
                    y));
            text(svg, LEFT - 6, y + 4, "end", String.format(Locale.ROOT, "%,.0f µs", value));
        }
        List<Integer> places = panel.places();
        for (int i = 0; i < places.size(); i++) {
            text(
                    svg,
                    x(i, places.size()),
                    HEIGHT - BOTTOM + 18,
                    "middle",
                    String.format(Locale.ROOT, "%,d", places.get(i)));
        }
        int colour = 0;
        double legend = LEFT;
        for (Map.Entry<String, List<Double>> line : panel.lines().entrySet()) {
            String stroke = COLOURS.get(colour++ % COLOURS.size());
            StringBuilder points = new StringBuilder();
            for (int i = 0; i < places.size(); i++) {
                double y = y(line.getValue().get(i), top);
                points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(i, places.size()), y));
                svg.append(String.format(
                        Locale.ROOT,
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>%n",
                        x(i, places.size()),
                        y,
                        stroke));
            }
            svg.append(String.format(
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n", points, stroke));
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%.0f\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>%n",
                    legend,
                    HEIGHT,
                    stroke));
            text(svg, legend + 14, HEIGHT + 9, "start", line.getKey());
            legend += 24 + 7 * line.getKey().length();
        }
    }

    private static double x(int index, int count) {
        return LEFT + 24 + (WIDTH - LEFT - RIGHT - 48.0) * (count == 1 ? 0.5 : index / (count - 1.0));
    }

    private static double y(double value, double top) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top;
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text));
    }
}
