package io.mooring.agent;

import java.io.PrintStream;
import java.time.Instant;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;

/** Prints what happens, a line each. */
final class Printer implements Consumer<AgentEvent> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
    private static final int MOST = 200;

    private final PrintStream out;

    Printer(PrintStream out) {
        this.out = out;
    }

    void line(String word, String text) {
        String shown = text.length() <= MOST ? text : text.substring(0, MOST) + "…";
        out.printf(Locale.ROOT, "%s %-8s %s%n", LocalTime.now().format(TIME), word, shown);
    }

    @Override
    public void accept(AgentEvent event) {
        switch (event) {
            case AgentEvent.StateChanged(AgentState state, String detail) ->
                line("state", (state.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + detail).strip());
            case AgentEvent.RowArrived row ->
                line(
                        "down",
                        row.model() + " " + row.key() + " "
                                + row.outcome().name().toLowerCase(Locale.ROOT) + " by " + row.writer() + " after "
                                + row.millisSinceWritten() + " ms " + row.values());
            case AgentEvent.RowAcknowledged row ->
                line("up", row.model() + " " + row.key() + " in the cloud after " + row.millisSinceWritten() + " ms");
            case AgentEvent.RowRefused row -> line("refused", row.model() + " " + row.key() + " " + row.reason());
            case AgentEvent.ControlChanged(SyncControl control) ->
                line("control", (control.paused() ? "paused " : "") + control.tables());
            case AgentEvent.CatchingUp(long sent, long of) -> line("catchup", sent + " rows of about " + of);
            case AgentEvent.RowExpired row -> line("expired", row.model() + " " + row.key());
            case AgentEvent.Told told -> line("told", told.topic() + ", " + told.payload().length + " bytes");
            case AgentEvent.CertificateRenewed(Instant expires) -> line("renewed", "certificate, until " + expires);
            case AgentEvent.Trouble(String what) -> line("trouble", what.replace('\n', ' '));
        }
    }
}
