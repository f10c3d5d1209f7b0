package io.mooring.bridge.stack;

import java.util.ArrayList;
import java.util.List;

/** How long a process lives, which decides what its JVM makes of it. */
public enum JvmUse {
    /** For a test: over before the second compiler's work would be worth it. */
    BRIEF,
    /** As in operation, for what is to be measured. */
    LASTING;

    List<String> flags(String... common) {
        List<String> flags = new ArrayList<>(List.of(common));
        if (this == BRIEF) {
            flags.add("-XX:TieredStopAtLevel=1");
        }
        return flags;
    }
}
