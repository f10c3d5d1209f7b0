package io.mooring.messaging.core;

import java.util.List;

/** Which devices a command is for. */
public sealed interface Target {
    /** These. */
    record Devices(List<String> ids) implements Target {
        public Devices {
            ids = List.copyOf(ids);
        }
    }

    /** All of a product, as they are when the command starts. */
    record Product(String id) implements Target {}

    /**
     * All that a query finds when the command starts.
     *
     * @param text as its author wrote it
     */
    record Matching(String text, Query query) implements Target {}

    /**
     * What a table keeps of any of them.
     *
     * @param json as it was asked for
     */
    record Stored(String json) implements Target {}
}
