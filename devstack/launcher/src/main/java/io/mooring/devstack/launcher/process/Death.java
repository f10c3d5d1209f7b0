package io.mooring.devstack.launcher.process;

import java.util.List;
import java.util.Locale;

/** Says in one sentence how a process ended, and the likeliest reason among its last lines. */
final class Death {
    private static final List<String> REASONS = List.of(
            "no space left",
            "outofmemory",
            "address already in use",
            "could not",
            "fatal",
            "panic",
            "caused by",
            "error",
            "exception",
            "failed");
    private static final int MAX_REASON_LENGTH = 300;
    private static final int SIGNAL_BASE = 128;
    private static final int SIGKILL = 9;

    private Death() {}

    static String sentence(String name, int exitCode, List<String> lastLines) {
        if (exitCode == SIGNAL_BASE + SIGKILL) {
            // From outside, and unheard by the process: its last lines have nothing to do with it.
            return name + " was killed (signal 9)";
        }
        String how = exitCode > SIGNAL_BASE
                ? name + " was ended by signal " + (exitCode - SIGNAL_BASE)
                : name + " ended with exit code " + exitCode;
        String reason = reason(lastLines);
        return reason.isEmpty() ? how : how + ": " + reason;
    }

    private static String reason(List<String> lines) {
        for (String word : REASONS) {
            for (String line : lines.reversed()) {
                if (line.toLowerCase(Locale.ROOT).contains(word)) {
                    return shortened(line);
                }
            }
        }
        return lines.isEmpty() ? "" : shortened(lines.getLast());
    }

    private static String shortened(String line) {
        String text = line.strip();
        return text.length() <= MAX_REASON_LENGTH ? text : text.substring(0, MAX_REASON_LENGTH) + "…";
    }
}
