package io.mooring.files.store;

import io.mooring.files.core.Kept;
import io.mooring.files.core.Listing;
import io.mooring.files.core.ObjectKey;
import io.mooring.files.core.Owner;
import io.mooring.files.core.UploadedPart;
import io.mooring.files.core.Usage;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where objects are kept. Every method may throw {@link io.mooring.files.core.Refused}, and any other {@link IOException}
 * if the place cannot be reached or is broken. What was put is durable when the method returns; an object is replaced
 * whole or not at all.
 */
public sealed interface ObjectStore permits FolderStore, BucketStore {
    /** An object in a listing. */
    record Listed(String key, Kept kept) {}

    /** An object that is being read; to be closed. */
    record Opened(Kept kept, Content content, Closeable source) implements Closeable {
        @Override
        public void close() throws IOException {
            source.close();
        }
    }

    /** The bytes of an object. */
    @FunctionalInterface
    interface Content {
        InputStream from(long offset, long length) throws IOException;
    }

    /** Keeps an object, in the place of one with this key if there is one. */
    Kept put(ObjectKey key, Map<String, String> headers, VerifiedBody body) throws IOException;

    /** What is known of an object. */
    Optional<Kept> find(ObjectKey key) throws IOException;

    /** An object to be read: what is known of it goes with its bytes, even if it is replaced meanwhile. */
    Optional<Opened> open(ObjectKey key) throws IOException;

    /** Forgets an object; it need not be there. */
    void delete(ObjectKey key) throws IOException;

    /** Objects of a device. The query's prefix begins with the owner's, or is a beginning of that. */
    Listing.Page<Listed> list(Owner owner, Listing.Query query) throws IOException;

    /** What a device keeps, counted. */
    Usage usage(Owner owner) throws IOException;

    /** Begins an upload in parts; its id. */
    String begin(ObjectKey key, Map<String, String> headers) throws IOException;

    /** Keeps a part of an upload; its entity tag. */
    String part(ObjectKey key, String upload, int number, VerifiedBody body) throws IOException;

    /** Makes an object of an upload's parts. */
    Kept complete(ObjectKey key, String upload, List<UploadedPart> parts) throws IOException;

    /** Forgets an upload and its parts. */
    void abort(ObjectKey key, String upload) throws IOException;

    /** Drops what was begun before, and not ended. */
    void sweep(Instant begunBefore) throws IOException;
}
