package io.mooring.audit.store;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where objects are written once, and never changed. */
public interface ObjectStore {
    /**
     * Writes an object; when it returns, the object outlives a loss of power.
     *
     * @param metadata of the object, where the store has such
     * @return false if there is an object of that key already, which stays as it is
     * @throws IOException if the store is away, or refuses; it may have been written nevertheless
     */
    boolean put(String key, byte[] bytes, Map<String, String> metadata) throws IOException;

    /** An object's bytes; empty if there is none. */
    Optional<byte[]> get(String key) throws IOException;

    /**
     * The keys that begin with {@code prefix} and come after {@code after}, in order.
     *
     * @param after empty for all
     * @param most how many at most
     */
    List<String> list(String prefix, String after, int most) throws IOException;
}
