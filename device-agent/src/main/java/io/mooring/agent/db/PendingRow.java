package io.mooring.agent.db;

import java.util.SortedSet;

/**
 * A row the cloud has not acknowledged.
 *
 * @param number its place in the queue; never used twice
 * @param model its model
 * @param key its key
 * @param dirty what is to be told: names of fields, {@link #WHOLE}, {@link #REMOVAL}
 * @param version counts its changes, so that an acknowledgement of an older one is known as such
 */
public record PendingRow(long number, String model, String key, SortedSet<String> dirty, long version) {
    /** All of the row. */
    public static final String WHOLE = "*";

    /** That it was removed. */
    public static final String REMOVAL = "-";
}
