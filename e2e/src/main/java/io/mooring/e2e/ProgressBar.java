package io.mooring.e2e;

import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;

/** A line that shows how far something is: redrawn in place on a terminal, now and then a new line elsewhere. */
public final class ProgressBar {
    private static final int WIDTH = 30;
    private static final long REDRAW_MILLIS = 100;
    private static final long LOG_MILLIS = 5_000;

    private final PrintStream out;
    private final boolean terminal;
    private final AtomicLong done = new AtomicLong();
    private String label = "";
    private long total = 1;
    private long drawnMillis;

    public ProgressBar(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Begins something of {@code total} steps. */
    public synchronized void begin(String what, long steps) {
        label = what;
        total = Math.max(1, steps);
        done.set(0);
        draw(true);
    }

    /** Steps are done. */
    public void advance(long steps) {
        done.addAndGet(steps);
        draw(false);
    }

    /** So many steps are done. */
    public void at(long steps) {
        done.set(steps);
        draw(false);
    }

    /** What was begun is finished. */
    public synchronized void end() {
        done.set(total);
        draw(true);
        if (terminal) {
            out.println();
        }
    }

    private synchronized void draw(boolean force) {
        long now = System.nanoTime() / 1_000_000;
        if (!force && now - drawnMillis < (terminal ? REDRAW_MILLIS : LOG_MILLIS)) {
            return;
        }
        drawnMillis = now;
        long shown = Math.min(done.get(), total);
        int filled = (int) (WIDTH * shown / total);
        String bar = "█".repeat(filled) + "·".repeat(WIDTH - filled);
        String line = String.format("%-34s %s %d/%d", label, bar, shown, total);
        if (terminal) {
            out.print("\r" + line + "\u001b[K");
            out.flush();
        } else {
            out.println(line);
        }
    }
}
