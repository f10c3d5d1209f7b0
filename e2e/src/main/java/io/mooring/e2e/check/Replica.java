package io.mooring.e2e.check;

import io.mooring.e2e.verdict.StandingRow;
import java.util.List;

/** A device of a run, in whatever form. */
interface Replica extends AutoCloseable {
    String id();

    String account();

    /** Begins to do things. */
    void start() throws Exception;

    /** Does nothing more, but stays, or comes back to, where the cloud can reach it. */
    void rest() throws Exception;

    /** Whether it has caught up, and the cloud has all it wrote. */
    boolean isInStep() throws Exception;

    /** What it holds. */
    List<StandingRow> rows() throws Exception;

    /** What is amiss with it in itself, in words; empty if nothing. */
    String complaint();
}
