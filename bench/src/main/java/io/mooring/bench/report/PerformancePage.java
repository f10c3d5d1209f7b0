package io.mooring.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The page of figures in docs: each benchmark writes what lies between its own marks, and nothing else. */
public final class PerformancePage {
    private PerformancePage() {}

    /**
     * Replaces what a benchmark said and drew before: its part of docs/performance.md, and docs/BENCH.svg.
     *
     * @throws IOException if the page has no marks for it
     */
    public static void write(String bench, String markdown, String svg) throws IOException {
        Path docs = Path.of(System.getProperty("mooring.root", ".")).resolve("docs");
        Path page = docs.resolve("performance.md");
        Path picture = docs.resolve(bench + ".svg");
        String begin = "<!-- begin: bench " + bench + " -->";
        String end = "<!-- end: bench " + bench + " -->";
        String text = Files.readString(page);
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(page + " has no place for it: " + begin + " and " + end + " are missing");
        }
        Files.writeString(page, text.substring(0, from + begin.length()) + "\n" + markdown + text.substring(to));
        Files.writeString(picture, svg);
        System.out.println("written to " + page + " and " + picture);
    }
}
