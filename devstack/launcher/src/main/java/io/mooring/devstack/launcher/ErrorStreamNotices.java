package io.mooring.devstack.launcher;

import io.mooring.devstack.launcher.process.Notices;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Says what becomes of processes on stderr: deaths always, readiness only after a death. */
final class ErrorStreamNotices implements Notices {
    @Override
    public void ready(String name, boolean again) {
        if (again) {
            System.err.println("devstack: " + name + " is ready again");
        }
    }

    @Override
    public void died(String name, String why, @Nullable Duration restartsIn) {
        System.err.println(
                "devstack: " + why + (restartsIn == null ? "" : "; started again in " + restartsIn.toMillis() + " ms"));
    }

    @Override
    public void stopping() {
        // Whoever stops it knows.
    }

    @Override
    public void stopped() {
        // Whoever stopped it knows.
    }

    @Override
    public void note(String sentence) {
        System.err.println("devstack: " + sentence);
    }
}
