package io.mooring.bench.cloud;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;

/** How much of the processors programs have used, as Linux says in {@code /proc}. */
public final class ProcessorTime {
    private static final double TICKS_PER_SECOND = 100;

    private ProcessorTime() {}

    /** How much a component has used so far, in seconds; of PostgreSQL its children too. */
    public static double seconds(Devstack stack, Component component) throws IOException {
        OptionalLong pid = stack.pid(component);
        return pid.isPresent() ? seconds(pid.getAsLong(), component == Component.POSTGRESQL) : 0;
    }

    /** The same of all that run. */
    public static Map<Component, Double> seconds(Devstack stack) throws IOException {
        Map<Component, Double> seconds = new EnumMap<>(Component.class);
        for (Component component : stack.components()) {
            if (stack.pid(component).isPresent()) {
                seconds.put(component, seconds(stack, component));
            }
        }
        return seconds;
    }

    /** How much this very program has used. */
    public static double ourselves() throws IOException {
        return seconds(ProcessHandle.current().pid());
    }

    /** How much a process has used, without its children. */
    public static double seconds(long pid) throws IOException {
        return seconds(pid, false);
    }

    private static double seconds(long pid, boolean children) throws IOException {
        String[] fields = stat(pid);
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        if (children) {
            // Of those that have ended, and of those that live.
            ticks += Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
            for (ProcessHandle child : ProcessHandle.of(pid).stream()
                    .flatMap(ProcessHandle::children)
                    .toList()) {
                try {
                    String[] own = stat(child.pid());
                    ticks += Long.parseLong(own[11]) + Long.parseLong(own[12]);
                } catch (IOException gone) {
                    // Counted with its parent the next time.
                }
            }
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static String[] stat(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    }
}
