package io.mooring.devstack.launcher.process;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Who is told what becomes of processes. Called from several threads. */
public interface Notices {
    /** A process became ready; {@code again} after it had died. */
    void ready(String name, boolean again);

    /** A process died, why, and in which time it is started again; null if it is not. */
    void died(String name, String why, @Nullable Duration restartsIn);

    /** All is being stopped. */
    void stopping();

    /** All is stopped. */
    void stopped();

    /** Anything else a person should know. */
    void note(String sentence);
}
