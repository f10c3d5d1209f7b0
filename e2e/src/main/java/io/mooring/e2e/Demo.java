package io.mooring.e2e;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The program behind {@code ./mooring demo}. Its last line is {@code demo: OK …} or {@code demo: FAILED …}; the exit
 * code is 0, 1 if it failed, 2 if it was called wrongly.
 */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Lets devices join, write and be written to, and compares both sides row by row.")
public final class Demo implements Callable<Integer> {
    private static final int MOST_DEVICES = 1_000;
    private static final int MOST_ROWS = 100_000;

    @Option(names = "--devices", defaultValue = "3", description = "How many devices (default: ${DEFAULT-VALUE}).")
    private int devices;

    @Option(
            names = "--rows",
            defaultValue = "100",
            description = "How many rows each writes, and has changed (default: ${DEFAULT-VALUE}).")
    private int rows;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Demo()).execute(arguments));
    }

    @Override
    public Integer call() {
        if (devices < 1 || devices > MOST_DEVICES || rows < 1 || rows > MOST_ROWS) {
            System.err.printf("demo: --devices is 1 to %d, --rows 1 to %d%n", MOST_DEVICES, MOST_ROWS);
            return 2;
        }
        ProgressBar progress = new ProgressBar(System.err, System.console() != null);
        Latencies up = new Latencies();
        Latencies down = new Latencies();
        try (DemoRun run = new DemoRun(CloudAccess.of(System.getenv()), devices, rows, up, down, progress)) {
            run.joinAll();
            run.writeOnDevices();
            run.sendSomeAway();
            run.changeInTheCloud();
            run.bringAllBack();
            long compared = run.compare();
            System.out.printf(
                    "demo: OK devices=%d rows_up=%d rows_down=%d up_p50_ms=%s up_p99_ms=%s down_p50_ms=%s down_p99_ms=%s%n",
                    devices,
                    run.rowsUp(),
                    compared,
                    up.percentile(0.5),
                    up.percentile(0.99),
                    down.percentile(0.5),
                    down.percentile(0.99));
            return 0;
        } catch (InterruptedException e) {
            System.out.println("demo: FAILED interrupted");
            return 130;
        } catch (Exception e) {
            System.out.println("demo: FAILED " + e.getMessage());
            return 1;
        }
    }
}
