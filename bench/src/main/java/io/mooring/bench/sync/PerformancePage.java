package io.mooring.bench.sync;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The page of figures in docs: each benchmark writes what lies between its own marks, and nothing else. */
final class PerformancePage {
    private PerformancePage() {}

    /**
     * Replaces what a benchmark said before.
     *
     * @throws IOException if the page has no marks for it
     */
    static void write(Path page, String bench, String markdown) throws IOException {
        String begin = "<!-- begin: bench " + bench + " -->";
        String end = "<!-- end: bench " + bench + " -->";
        String text = Files.readString(page);
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(page + " has no place for it: " + begin + " and " + end + " are missing");
        }
        Files.writeString(page, text.substring(0, from + begin.length()) + "\n" + markdown + text.substring(to));
    }
}
