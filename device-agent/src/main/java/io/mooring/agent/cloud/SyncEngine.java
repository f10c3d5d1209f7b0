package io.mooring.agent.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.AgentEvent;
import io.mooring.agent.db.ChangeQueue;
import io.mooring.agent.db.Expiry;
import io.mooring.agent.db.Listing;
import io.mooring.agent.db.LocalDatabase;
import io.mooring.agent.db.PendingRow;
import io.mooring.agent.db.RowStore;
import io.mooring.agent.db.SyncProgress;
import io.mooring.agent.db.TableLayout;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.sync.RowState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the database and the cloud in step. All of it happens on one thread, in the order in which
 * it came: what the cloud tells is acknowledged to the broker after it is on the disk, and what was
 * written here is told until the cloud says that it has it.
 */
public final class SyncEngine implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(SyncEngine.class);
    private static final int MOST_AT_ONCE = 256;

    /** A transaction ends once it has taken so much: many messages of many rows are more than a device should hold. */
    private static final int MOST_BYTES_AT_ONCE = 512 * 1024;

    private static final long RETRY_MILLIS = 1_000;
    private static final long TIDY_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long REMOVALS_NANOS = TimeUnit.HOURS.toNanos(6);
    private static final Inbound WAKE = new Inbound.Wake();

    private final LocalDatabase database;
    private final RowStore rows;
    private final ChangeQueue queue;
    private final SyncCodec codec;
    private final RowReceiver receiver;
    private final SyncSettings settings;
    private final Consumer<AgentEvent> listener;
    private final LinkedBlockingQueue<Inbound> inbox = new LinkedBlockingQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final InFlight inFlight = new InFlight();
    private volatile boolean stopped;
    private volatile long heldUntilNanos = System.nanoTime();

    private @Nullable Uplink uplink;
    private long seq = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE / 2);
    private long askedNanos;
    private long tidiedNanos = System.nanoTime();
    private long forgotNanos = System.nanoTime();
    private long pollMillis;

    public SyncEngine(
            LocalDatabase database,
            RowStore rows,
            ChangeQueue queue,
            RowReceiver receiver,
            SyncCodec codec,
            SyncSettings settings,
            Consumer<AgentEvent> listener) {
        this.database = database;
        this.rows = rows;
        this.queue = queue;
        this.receiver = receiver;
        this.codec = codec;
        this.settings = settings;
        this.listener = listener;
        this.pollMillis = settings.pollFastest().toMillis();
    }

    /** Something was written by this process: look at once. */
    public void wake() {
        if (woken.compareAndSet(false, true)) {
            inbox.add(WAKE);
        }
    }

    /** The cloud told something; {@code done} runs once it is on the disk. */
    public void told(String tail, byte[] payload, Runnable done) {
        inbox.add(new Inbound.Message(tail, payload, done));
    }

    /** A connection is there, its topics subscribed. */
    public void connected(Uplink link) {
        inbox.add(new Inbound.Connected(link));
    }

    /** A connection is gone. */
    public void disconnected(Uplink link) {
        inbox.add(new Inbound.Disconnected(link));
    }

    /** Sends nothing up for a while. */
    public void hold(long millis) {
        heldUntilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** Ends {@link #run}. */
    public void stop() {
        stopped = true;
        inbox.add(WAKE);
    }

    /** Works until stopped. What fails (a full disk, a database locked for long) is tried again for ever. */
    @Override
    public void run() {
        List<Inbound> batch = new ArrayList<>();
        while (!stopped) {
            try {
                if (batch.isEmpty()) {
                    collect(batch);
                }
                step(batch);
                batch.clear();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (SQLException | RuntimeException e) {
                if (stopped) {
                    return;
                }
                LOG.warn("Sync of {} will be tried again: {}", database.file(), e.toString(), e);
                tell(new AgentEvent.Trouble("the database: " + e.getMessage()));
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void collect(List<Inbound> batch) throws InterruptedException {
        Inbound first = inbox.poll(pollMillis, TimeUnit.MILLISECONDS);
        if (first != null) {
            int bytes = size(first);
            batch.add(first);
            while (batch.size() < MOST_AT_ONCE && bytes < MOST_BYTES_AT_ONCE) {
                Inbound next = inbox.poll();
                if (next == null) {
                    return;
                }
                bytes += size(next);
                batch.add(next);
            }
        }
    }

    private static int size(Inbound inbound) {
        return inbound instanceof Inbound.Message message ? message.payload().length : 0;
    }

    private void step(List<Inbound> batch) throws SQLException {
        boolean look = false;
        List<Inbound.Message> messages = new ArrayList<>();
        for (Inbound inbound : batch) {
            switch (inbound) {
                case Inbound.Message message -> messages.add(message);
                case Inbound.Wake _ -> {
                    woken.set(false);
                    look = true;
                }
                case Inbound.Connected connected -> connect(connected.uplink());
                case Inbound.Disconnected disconnected -> {
                    if (disconnected.uplink() == uplink) {
                        uplink = null;
                    }
                }
            }
        }
        boolean others = database.changedByOthers();
        if (!messages.isEmpty()) {
            receiver.take(messages, inFlight);
        }
        if (look || others) {
            takeIn();
        }
        tidy();
        adapt(others || !batch.isEmpty());
        send();
        askAgain();
    }

    /** Looks often while something happens, ever more seldom while nothing does. */
    private void adapt(boolean busy) {
        pollMillis = busy
                ? settings.pollFastest().toMillis()
                : Math.min(settings.pollSlowest().toMillis(), pollMillis + pollMillis / 2 + 1);
    }

    /** Forgets what has expired, now and then. */
    private void tidy() throws SQLException {
        long now = System.nanoTime();
        if (now - tidiedNanos < TIDY_NANOS) {
            return;
        }
        tidiedNanos = now;
        if (database.read(db -> Expiry.isDue(db, queue.now()))) {
            List<Expiry.Gone> gone = new ArrayList<>();
            database.changeUnnoticed(db -> {
                gone.clear();
                while (queue.takeIn(db) > 0) {
                    continue;
                }
                gone.addAll(Expiry.forget(db, rows, queue.now()));
            });
            gone.forEach(row -> tell(new AgentEvent.RowExpired(row.model(), row.key())));
        }
        if (now - forgotNanos > REMOVALS_NANOS) {
            forgotNanos = now;
            database.change(db -> Expiry.forgetRemovals(db, queue.now()));
        }
    }

    private void takeIn() throws SQLException {
        int taken;
        do {
            taken = database.write(queue::takeIn);
        } while (taken > 0);
    }

    private void connect(Uplink link) throws SQLException {
        uplink = link;
        inFlight.clear();
        receiver.connected();
        takeIn();
        ask(link);
    }

    private void ask(Uplink link) throws SQLException {
        askedNanos = System.nanoTime();
        long request = seq++;
        receiver.asked(request);
        database.change(Listing::begin);
        link.publish(DeviceTopics.SYNC_DOWN, codec.catchUp(database.read(SyncProgress::lastSync), request));
    }

    private void askAgain() throws SQLException {
        if (uplink != null && receiver.mustAsk()) {
            ask(uplink);
        }
        boolean overdue =
                System.nanoTime() - askedNanos > settings.catchUpPatience().toNanos();
        if (uplink != null && !receiver.isCaughtUp() && overdue) {
            tell(new AgentEvent.Trouble("the cloud has not said that all was sent: asking again"));
            ask(uplink);
        }
    }

    private void send() throws SQLException {
        long now = System.nanoTime();
        int late = inFlight.giveUpOn(now - settings.resendAfter().toNanos());
        if (late > 0) {
            LOG.info("{} rows were not acknowledged within {}: sending them again", late, settings.resendAfter());
        }
        Uplink link = uplink;
        if (link == null || now - heldUntilNanos < 0 || receiver.control().paused()) {
            return;
        }
        while (inFlight.messages() < settings.messagesInFlight() && sendOne(link)) {
            LOG.trace("{} messages in flight", inFlight.messages());
        }
    }

    private boolean sendOne(Uplink link) throws SQLException {
        List<ObjectNode> changes = new ArrayList<>();
        List<InFlight.Sent> sent = new ArrayList<>();
        List<PendingRow> needless = new ArrayList<>();
        boolean more = database.read(db -> compose(db, changes, sent, needless));
        if (!needless.isEmpty()) {
            database.change(db -> {
                for (PendingRow row : needless) {
                    queue.acknowledge(db, row);
                }
            });
        }
        if (changes.isEmpty()) {
            return more;
        }
        long number = seq++;
        inFlight.sent(number, sent, System.nanoTime());
        link.publish(DeviceTopics.SYNC_UP, codec.changes(number, changes));
        return true;
    }

    /** Collects what fits in a message; false if nothing waits that could go. */
    private boolean compose(
            LocalDatabase db, List<ObjectNode> changes, List<InFlight.Sent> sent, List<PendingRow> needless)
            throws SQLException {
        List<PendingRow> waiting = queue.waiting(db, inFlight.rows() + settings.batchRows());
        Set<String> keys = new HashSet<>();
        int bytes = 0;
        for (PendingRow row : waiting) {
            Optional<TableLayout> layout = db.layout(row.model());
            // rows of two models may bear the same key: they go in different messages, or who is acknowledged?
            if (inFlight.isFlying(row) || layout.isEmpty() || !keys.add(row.key())) {
                continue;
            }
            RowState<JsonNode> state = rows.load(db, layout.get(), row.key());
            ObjectNode change = codec.change(layout.get(), row, state);
            HybridTimestamp latest = state.clock().latest();
            if (change == null || latest == null) {
                needless.add(row);
                continue;
            }
            changes.add(change);
            sent.add(new InFlight.Sent(row, latest.millis()));
            bytes += change.toString().length();
            if (changes.size() >= settings.batchRows() || bytes >= settings.batchBytes()) {
                break;
            }
        }
        return !changes.isEmpty() || !needless.isEmpty();
    }

    private void tell(AgentEvent event) {
        listener.accept(event);
    }
}
