package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.process.StartException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./mooring}: see {@code ./mooring help}. */
@Command(name = "mooring", description = "Mooring: the device cloud you own.", synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private static final List<Class<?>> COMMANDS = List.of(
            UpCommand.class,
            StatusCommand.class,
            EnvCommand.class,
            SqlCommand.class,
            LogsCommand.class,
            ProductCommand.class,
            DeviceCommand.class,
            ClaimsCommand.class,
            CloudCommand.class,
            AccountCommand.class,
            SyncCommand.class,
            SchemaCommand.class,
            ApplicationCommand.class,
            CommandCommand.class,
            AuditCommand.class,
            MetricCommand.class,
            LogCommand.class,
            DemoCommand.class,
            BenchCommand.class,
            CheckSyncCommand.class,
            SetupCommand.class,
            TrainCommand.class);

    /** Set by the {@code help} command's reading of its own line. */
    @CommandLine.Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what there is.")
    @SuppressWarnings("unused")
    private boolean help;

    public static void main(String[] arguments) {
        CommandLine commandLine = new CommandLine(new Main());
        asked(arguments).forEach(commandLine::addSubcommand);
        commandLine.setExecutionExceptionHandler((problem, command, parsed) -> {
            if (isStopping()) {
                // Ctrl-C during the start: what was waited for never came, as wished.
                return CommandLine.ExitCode.SOFTWARE;
            }
            if (problem instanceof StartException said) {
                command.getErr().println("mooring: " + said.getMessage());
                return CommandLine.ExitCode.SOFTWARE;
            }
            command.getErr().println("mooring: " + problem);
            if (System.getenv("MOORING_DEBUG") != null) {
                problem.printStackTrace(command.getErr());
            }
            return CommandLine.ExitCode.SOFTWARE;
        });
        System.exit(commandLine.execute(arguments));
    }

    /** The one command that is asked for, since to read what each of them takes is half of a start; else all. */
    private static List<Class<?>> asked(String[] arguments) {
        List<Class<?>> asked = COMMANDS.stream()
                .filter(command -> arguments.length > 0
                        && command.getAnnotation(Command.class).name().equals(arguments[0]))
                .toList();
        return asked.isEmpty() ? COMMANDS : asked;
    }

    private static boolean isStopping() {
        try {
            Thread hook = new Thread(() -> {});
            Runtime.getRuntime().addShutdownHook(hook);
            Runtime.getRuntime().removeShutdownHook(hook);
            return false;
        } catch (IllegalStateException stopping) {
            return true;
        }
    }
}
