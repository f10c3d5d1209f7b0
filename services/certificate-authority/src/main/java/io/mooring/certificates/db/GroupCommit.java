package io.mooring.certificates.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Puts what is submitted at the same time into one transaction. What comes while a transaction is under
 * way goes into the next, so many share the statements and the flush to the disk that each would have
 * waited for. A lone caller waits for nobody; after a transaction that had company the next one begins
 * {@link #PACE} after it began, since more will come: on a fast disk there would otherwise be many
 * transactions of two or three, and what each costs the database is most of what a certificate costs.
 *
 * @param <T> what is submitted
 * @param <R> what becomes of it
 */
final class GroupCommit<T, R> {
    /** So that one transaction stays short, whatever comes. */
    private static final int MAX_TOGETHER = 256;

    /** From the begin of one transaction to that of the next, where many ask. */
    private static final Duration PACE = Duration.ofMillis(5);

    private final Transactions transactions;
    private final Work<T, R> work;
    private final Queue<Pending<T, R>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean busy = new AtomicBoolean();

    GroupCommit(Transactions transactions, Work<T, R> work) {
        this.transactions = transactions;
        this.work = work;
    }

    /** Writes many at once; answers one result for each, in their order. */
    @FunctionalInterface
    interface Work<T, R> {
        List<R> write(Connection connection, List<T> items) throws SQLException;
    }

    private record Pending<T, R>(T item, CompletableFuture<R> result) {}

    /**
     * Has it written; returns once it is committed.
     *
     * @throws Transactions.Unavailable if it could not be
     */
    R submit(T item) {
        Pending<T, R> mine = new Pending<>(item, new CompletableFuture<>());
        queue.add(mine);
        startUnlessBusy();
        try {
            return mine.result().join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    private void startUnlessBusy() {
        if (!queue.isEmpty() && busy.compareAndSet(false, true)) {
            Thread.ofVirtual().name("group-commit").start(this::writeAll);
        }
    }

    private void writeAll() {
        try {
            List<Pending<T, R>> group = next();
            while (!group.isEmpty()) {
                long began = System.nanoTime();
                write(group);
                if (group.size() > 1) {
                    LockSupport.parkNanos(began + PACE.toNanos() - System.nanoTime());
                }
                group = next();
            }
        } finally {
            busy.set(false);
        }
        // What came after the last look and before we stopped being busy.
        startUnlessBusy();
    }

    private List<Pending<T, R>> next() {
        List<Pending<T, R>> group = new ArrayList<>();
        Pending<T, R> one = queue.poll();
        while (one != null) {
            group.add(one);
            one = group.size() < MAX_TOGETHER ? queue.poll() : null;
        }
        return group;
    }

    private void write(List<Pending<T, R>> group) {
        try {
            List<T> items = group.stream().map(Pending::item).toList();
            List<R> results = transactions.call(connection -> work.write(connection, items));
            for (int i = 0; i < group.size(); i++) {
                group.get(i).result().complete(results.get(i));
            }
        } catch (RuntimeException | Error failed) {
            if (group.size() > 1 && !isAway(failed)) {
                // One of them spoils it for the others: each on its own.
                group.forEach(one -> write(List.of(one)));
            } else {
                group.forEach(one -> one.result().completeExceptionally(failed));
            }
        }
    }

    /** SQLSTATE classes 08 and 57: the connection or the server is gone, for one as for all. */
    private static boolean isAway(Throwable failed) {
        String state = failed instanceof Transactions.Unavailable && failed.getCause() instanceof SQLException cause
                ? String.valueOf(cause.getSQLState())
                : "";
        return state.startsWith("08") || state.startsWith("57") || state.equals("null");
    }
}
