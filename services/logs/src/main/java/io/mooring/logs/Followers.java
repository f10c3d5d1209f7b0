package io.mooring.logs;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.logs.core.KeptLine;
import io.mooring.logs.core.Outcome;
import io.mooring.logs.core.Question;
import io.mooring.logs.db.LineStore;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Hands new lines on to whoever follows them. All are served from one look into the database: lines become visible in the order of
 * their numbers, so whoever goes on after the last one misses none, whichever instance took them. While nobody follows, nobody
 * looks.
 */
@Singleton
public class Followers {
    private static final Logger LOG = Logger.getLogger(Followers.class);

    /** How soon lines are seen that another instance took. */
    private static final long LOOK_MILLIS = 400;

    private static final int AT_ONCE = 2_000;
    private static final int MOST_WAITING = 2_000;
    private static final int MOST_CHARACTERS_WAITING = 500_000;

    private final Database database;
    private final Persistence persistence;
    private final LogsConfig.Limits limits;
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> open = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private boolean woken;

    public Followers(Database database, Persistence persistence, LogsConfig config) {
        this.database = database;
        this.persistence = persistence;
        this.limits = config.limits();
    }

    /** Somebody who follows. One that does not keep up is told how many lines it missed, and goes on. */
    public final class Follower implements AutoCloseable {
        private final String caller;
        private final Question question;
        private final BlockingQueue<KeptLine> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
        private final AtomicLong characters = new AtomicLong();
        private final AtomicLong missed = new AtomicLong();

        private Follower(String caller, Question question) {
            this.caller = caller;
            this.question = question;
        }

        /** The next line; null if there is none within some time. */
        public @Nullable KeptLine next(long millis) throws InterruptedException {
            KeptLine line = waiting.poll(millis, TimeUnit.MILLISECONDS);
            if (line != null) {
                characters.addAndGet(-line.line().text().length());
            }
            return line;
        }

        /** How many lines it missed since it was last asked. */
        public long missed() {
            return missed.getAndSet(0);
        }

        private void offer(KeptLine line) {
            if (!question.includes(line)) {
                return;
            }
            int more = line.line().text().length();
            if (characters.get() + more <= MOST_CHARACTERS_WAITING && waiting.offer(line)) {
                characters.addAndGet(more);
            } else {
                missed.incrementAndGet();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (followers.remove(this)) {
                    open.computeIfPresent(caller, (name, count) -> count == 1 ? null : count - 1);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Begins to follow. */
    public Outcome<Follower> follow(String caller, Question question) {
        lock.lock();
        try {
            int own = open.getOrDefault(caller, 0);
            if (own >= limits.followersOfCaller() || followers.size() >= limits.followers()) {
                return Outcome.refused(
                        "too-many-streams",
                        "You may follow " + limits.followersOfCaller() + " times at once; close some.");
            }
            open.put(caller, own + 1);
            Follower follower = new Follower(caller, question);
            followers.add(follower);
            woken = true;
            news.signalAll();
            return Outcome.done(follower);
        } finally {
            lock.unlock();
        }
    }

    void start(@Observes StartupEvent event) {
        Thread.ofVirtual().name("followers").start(() -> {
            try {
                persistence.until("follow lines", this::run);
            } catch (Persistence.StoppedException stopped) {
                LOG.debug("stopped", stopped);
            }
        });
    }

    /** There are new lines. */
    void wake() {
        lock.lock();
        try {
            woken = true;
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean run() throws SQLException, InterruptedException {
        long last = -1;
        while (!persistence.isStopped()) {
            await();
            if (followers.isEmpty()) {
                last = -1;
                continue;
            }
            if (last < 0) {
                last = database.read(LineStore::newest);
                continue;
            }
            LineStore.Page page;
            do {
                long from = last;
                page = database.transact(connection -> LineStore.after(connection, from, AT_ONCE));
                for (KeptLine line : page.lines()) {
                    followers.forEach(follower -> follower.offer(line));
                    last = line.seq();
                }
            } while (!page.isAll());
        }
        return true;
    }

    private void await() throws InterruptedException {
        lock.lock();
        try {
            long nanos =
                    TimeUnit.MILLISECONDS.toNanos(followers.isEmpty() ? TimeUnit.SECONDS.toMillis(2) : LOOK_MILLIS);
            while (!woken && nanos > 0) {
                nanos = news.awaitNanos(nanos);
            }
            woken = false;
        } finally {
            lock.unlock();
        }
    }
}
