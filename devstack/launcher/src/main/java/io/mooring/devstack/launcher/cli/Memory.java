package io.mooring.devstack.launcher.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** How much memory processes use: their proportional set size, so that shared pages count once. */
final class Memory {
    private static final long KIB = 1024;

    private Memory() {}

    /** Bytes used by a process and all its children; 0 if it does not run. */
    static long ofTree(long pid) {
        AtomicLong sum = new AtomicLong(of(pid));
        ProcessHandle.of(pid)
                .ifPresent(handle -> handle.descendants().forEach(child -> sum.addAndGet(of(child.pid()))));
        return sum.get();
    }

    /** Bytes used by one process alone; 0 if it does not run. */
    static long of(long pid) {
        // Ours to read in full only if we are the same user, or root.
        long proportional = value(Path.of("/proc", Long.toString(pid), "smaps_rollup"), "Pss:");
        return proportional > 0 ? proportional : value(Path.of("/proc", Long.toString(pid), "status"), "VmRSS:");
    }

    private static long value(Path file, String label) {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(label)) {
                    String number = line.substring(label.length()).strip().split(" ", 2)[0];
                    return Long.parseLong(number) * KIB;
                }
            }
        } catch (IOException gone) {
            return 0;
        }
        return 0;
    }

    static String text(long bytes) {
        return bytes == 0 ? "-" : (bytes + KIB * KIB / 2) / (KIB * KIB) + " MB";
    }
}
