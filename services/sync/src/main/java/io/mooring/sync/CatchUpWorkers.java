package io.mooring.sync;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.sync.db.CatchUpStore;
import io.mooring.sync.db.CatchUpStore.CatchUp;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Takes up the catch-ups that are owed, a few at a time, whoever noted them and whenever. */
@Singleton
public class CatchUpWorkers {
    static final int LEASE_SECONDS = 10;

    private static final Logger LOG = Logger.getLogger(CatchUpWorkers.class);
    private static final long LOOK_AGAIN_MILLIS = 1000;
    private static final int AFTER_FAILURE_SECONDS = 2;

    /** A device is sent so many chunks ahead of what it acknowledged. */
    private static final int MOST_UNHEARD = 2;

    /** A receipt can be lost, and some devices acknowledge nothing: then on it goes, this slowly. */
    private static final int PATIENCE_SECONDS = 30;

    private final Database database;
    private final CatchUpHandler handler;
    private final Persistence persistence;
    private final SyncConfig config;
    private final Semaphore news = new Semaphore(0);

    /** Whether anybody ever said a receipt: if nobody does there is nothing to wait for. */
    private volatile boolean paced;

    public CatchUpWorkers(Database database, CatchUpHandler handler, Persistence persistence, SyncConfig config) {
        this.database = database;
        this.handler = handler;
        this.persistence = persistence;
        this.config = config;
    }

    void start(@Observes StartupEvent event) {
        for (int i = 0; i < config.catchUp().workers(); i++) {
            Thread.ofVirtual().name("catch-up-" + i).start(this::work);
        }
    }

    /** Notes requests; when it returns they are owed, and those who must wait are answered. */
    public void request(List<CatchUp> requests) throws Exception {
        database.run(connection -> CatchUpStore.request(connection, requests));
        news.release(requests.size());
        handler.answerPaused(requests);
    }

    /** Devices have acknowledged chunks. */
    public void heard(List<CatchUpStore.Receipt> receipts) throws SQLException {
        database.run(connection -> CatchUpStore.heard(connection, receipts));
        paced = true;
        news.release(receipts.size());
    }

    private long mostUnheard() {
        return paced ? MOST_UNHEARD : Long.MAX_VALUE;
    }

    /** Has somebody look what is owed. */
    void look() {
        look(1);
    }

    /** So many may have become due: look at once. */
    public void look(int count) {
        news.release(count);
    }

    private void work() {
        while (!persistence.isStopped()) {
            try {
                Optional<CatchUpStore.Taken> owed = database.transact(
                        connection -> CatchUpStore.take(connection, LEASE_SECONDS, mostUnheard(), PATIENCE_SECONDS));
                if (owed.isPresent()) {
                    meet(owed.get());
                } else if (!news.tryAcquire(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (SQLException | RuntimeException e) {
                LOG.warnf("could not look for catch-ups, trying again: %s", e);
                persistence.pause(LOOK_AGAIN_MILLIS);
            }
        }
    }

    private static long unheard(CatchUpStore.Taken taken) {
        CatchUpStore.Progress progress = taken.progress();
        return progress == null ? 0 : progress.chunks() - taken.chunksHeard();
    }

    private void meet(CatchUpStore.Taken taken) throws InterruptedException {
        CatchUp owed = taken.catchUp();
        try {
            // One whose patience has ended gets a chunk all the same.
            handler.handle(taken, Math.max(mostUnheard(), unheard(taken) + 1));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            LOG.warnf("catch-up of %s was cut short, to be taken up again: %s", owed.device(), e);
            LOG.debug("why", e);
            try {
                database.run(connection -> CatchUpStore.release(connection, owed.device(), AFTER_FAILURE_SECONDS));
            } catch (SQLException again) {
                LOG.debugf("its lease runs out by itself: %s", again);
                persistence.pause(LOOK_AGAIN_MILLIS);
            }
        }
    }
}
