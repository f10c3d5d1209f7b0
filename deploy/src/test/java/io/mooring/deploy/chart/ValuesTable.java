package io.mooring.deploy.chart;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The table of values in the chart's README, made from the comments in values.yaml. */
final class ValuesTable {
    private static final String BEGIN = "<!-- begin: values -->\n";
    private static final String END = "<!-- end: values -->";
    private static final String MARK = "# -- ";

    private ValuesTable() {}

    /** The README with its table made anew. */
    static String replacedIn(String readme, String values) throws IOException {
        int from = readme.indexOf(BEGIN) + BEGIN.length();
        return readme.substring(0, from) + of(values) + readme.substring(readme.indexOf(END));
    }

    /** A row for each setting that has a comment, with its default. */
    private static String of(String values) throws IOException {
        JsonNode tree = Helm.YAML.readTree(values);
        StringBuilder table = new StringBuilder("| value | default | |\n| --- | --- | --- |\n");
        List<String> path = new ArrayList<>();
        StringBuilder comment = new StringBuilder();
        for (String line : values.lines().toList()) {
            String text = line.strip();
            if (text.startsWith(MARK)) {
                comment = new StringBuilder(text.substring(MARK.length()));
            } else if (text.startsWith("# ") && !comment.isEmpty()) {
                comment.append(' ').append(text.substring(2));
            } else if (text.matches("[A-Za-z-]+:.*")) {
                int depth = (line.length() - line.stripLeading().length()) / 2;
                path.subList(Math.min(depth, path.size()), path.size()).clear();
                path.add(text.substring(0, text.indexOf(':')));
                if (!comment.isEmpty()) {
                    String value = tree.at("/" + String.join("/", path)).toString();
                    table.append("| `")
                            .append(String.join(".", path))
                            .append("` | `")
                            .append(value)
                            .append("` | ")
                            .append(comment.toString().replace("|", "\\|"))
                            .append(" |\n");
                    comment = new StringBuilder();
                }
            }
        }
        return table.toString();
    }
}
