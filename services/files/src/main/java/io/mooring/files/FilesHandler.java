package io.mooring.files;

import io.mooring.files.core.Kept;
import io.mooring.files.core.Listing;
import io.mooring.files.core.ObjectKey;
import io.mooring.files.core.Owner;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.mooring.files.core.UploadedPart;
import io.mooring.files.store.ObjectStore;
import io.mooring.files.store.VerifiedBody;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** What is done for those who were let in, within each device's share. */
@ApplicationScoped
public class FilesHandler {
    private static final Logger LOG = Logger.getLogger(FilesHandler.class);

    private final ObjectStore store;
    private final QuotaKeeper quota;
    private final FilesConfig.Limits limits;
    private final Clock clock = Clock.systemUTC();
    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("sweeper").factory());

    FilesHandler(ObjectStore store, FilesConfig config) {
        this.store = store;
        this.limits = config.limits();
        this.quota = new QuotaKeeper(store, limits.deviceBytes(), limits.deviceObjects());
    }

    void start(@Observes StartupEvent event) {
        sweeper.scheduleWithFixedDelay(this::sweep, 0, 1, TimeUnit.HOURS);
    }

    @PreDestroy
    void stop() {
        sweeper.shutdownNow();
    }

    private void sweep() {
        try {
            store.sweep(clock.instant().minus(Duration.ofHours(limits.uploadHours())));
        } catch (IOException | RuntimeException failed) {
            LOG.warn("what was begun and not ended could not be dropped", failed);
        }
    }

    /** Makes a body that is to be read; called once there is room for it. */
    @FunctionalInterface
    public interface Body {
        VerifiedBody open() throws IOException;
    }

    /** Keeps an object of so many bytes. */
    public Kept put(ObjectKey key, Map<String, String> headers, long length, Body body) throws IOException {
        return withRoom(key.owner(), length, 1, () -> store.put(key, headers, body.open()));
    }

    /** What is known of an object. */
    public Kept find(ObjectKey key) throws IOException {
        return store.find(key).orElseThrow(FilesHandler::noSuchKey);
    }

    /** An object to be read. */
    public ObjectStore.Opened open(ObjectKey key) throws IOException {
        return store.open(key).orElseThrow(FilesHandler::noSuchKey);
    }

    /** Forgets an object. */
    public void delete(ObjectKey key) throws IOException {
        store.delete(key);
    }

    /** A page of a device's objects. Of what lies above its prefix it sees that prefix only. */
    public Listing.Page<ObjectStore.Listed> list(Owner owner, Listing.Query query) throws IOException {
        boolean above = !query.prefix().startsWith(owner.prefix());
        return above && query.delimiter().equals("/")
                ? new Listing.Page<>(List.of(), List.of(owner.prefix()), Optional.empty())
                : store.list(owner, query);
    }

    /** Begins an upload in parts. */
    public String begin(ObjectKey key, Map<String, String> headers) throws IOException {
        quota.take(key.owner(), 0, 1, System.nanoTime());
        return store.begin(key, headers);
    }

    /** Keeps a part. */
    public String part(ObjectKey key, String upload, int number, long length, Body body) throws IOException {
        return withRoom(key.owner(), length, 0, () -> store.part(key, upload, number, body.open()));
    }

    /** Makes an object of parts. */
    public Kept complete(ObjectKey key, String upload, List<UploadedPart> parts) throws IOException {
        return store.complete(key, upload, parts);
    }

    /** Forgets an upload. */
    public void abort(ObjectKey key, String upload) throws IOException {
        store.abort(key, upload);
    }

    /** Something that may fail half-way. */
    @FunctionalInterface
    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T withRoom(Owner owner, long length, int objects, Work<T> work) throws IOException {
        if (length > limits.objectBytes()) {
            throw new Refused(S3Error.ENTITY_TOO_LARGE, "an object has at most " + limits.objectBytes() + " bytes");
        }
        quota.take(owner, length, objects, System.nanoTime());
        boolean done = false;
        try {
            T result = work.run();
            done = true;
            return result;
        } finally {
            if (!done) {
                quota.give(owner, length, objects);
            }
        }
    }

    private static Refused noSuchKey() {
        return new Refused(S3Error.NO_SUCH_KEY, "The specified key does not exist.");
    }
}
