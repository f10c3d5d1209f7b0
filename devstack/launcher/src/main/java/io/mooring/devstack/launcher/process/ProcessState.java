package io.mooring.devstack.launcher.process;

/** Where a supervised process is in its life. */
public enum ProcessState {
    /** Not wanted. */
    STOPPED,
    /** Forked, not yet of use. */
    STARTING,
    /** Of use. */
    READY,
    /** Died; will be started again. */
    WAITING,
    /** Died before it was ever ready, or is not to be restarted. */
    FAILED,
    /** Told to stop, not yet gone. */
    STOPPING;

    boolean isKept() {
        return this == STARTING || this == READY || this == WAITING || this == STOPPING;
    }
}
