package io.mooring.e2e.check;

import java.io.PrintStream;

/** A line that says how far a run is: redrawn in place on a terminal, now and then a new line elsewhere. */
final class Progress {
    private static final long REDRAW_MILLIS = 200;
    private static final long LOG_MILLIS = 10_000;

    private final PrintStream out;
    private final boolean terminal;
    private long drawnMillis;

    Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Something begins. */
    void say(String what, Object... parts) {
        draw(String.format(what, parts), true);
    }

    /** Where it stands. */
    void show(String what, Object... parts) {
        draw(String.format(what, parts), false);
    }

    private synchronized void draw(String line, boolean force) {
        long now = System.nanoTime() / 1_000_000;
        if (!force && now - drawnMillis < (terminal ? REDRAW_MILLIS : LOG_MILLIS)) {
            return;
        }
        drawnMillis = now;
        if (terminal) {
            out.print("\r" + line + "\u001b[K");
            out.flush();
        } else {
            out.println(line);
        }
    }
}
