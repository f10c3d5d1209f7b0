package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.process.Notices;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code up} says to people, on one stream, line by line. Safe for use by several threads. */
final class Console implements Notices {
    private final Instant since;
    private final Runnable onChange;

    /**
     * A console.
     *
     * @param since from when times are counted
     * @param onChange told whenever the state of a process changed
     */
    Console(Instant since, Runnable onChange) {
        this.since = since;
        this.onChange = onChange;
    }

    synchronized void line(String text) {
        System.out.println(text);
        System.out.flush();
    }

    /** Time since the beginning, such as {@code 12.3 s}. */
    String elapsed() {
        return String.format(
                Locale.ROOT, "%.1f s", Duration.between(since, Instant.now()).toMillis() / 1000.0);
    }

    @Override
    public void ready(String name, boolean again) {
        line(again ? "mooring: " + name + " is ready again" : "  " + name + " is ready (" + elapsed() + ")");
        onChange.run();
    }

    @Override
    public void died(String name, String why, @Nullable Duration restartsIn) {
        line("mooring: " + why + (restartsIn == null ? "" : "; started again in " + restartsIn.toMillis() + " ms"));
        onChange.run();
    }

    @Override
    public void stopping() {
        line("mooring: stopping");
    }

    @Override
    public void stopped() {
        line("mooring: stopped; nothing is left running, the data is kept");
    }

    @Override
    public void note(String sentence) {
        line("mooring: " + sentence);
    }
}
