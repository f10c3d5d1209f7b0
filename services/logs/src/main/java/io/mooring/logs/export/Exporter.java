package io.mooring.logs.export;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.logs.core.KeptLine;
import io.mooring.logs.db.ExportStore;
import io.mooring.logs.db.ExportStore.Place;
import io.mooring.logs.db.LineStore;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Goes through all lines in the order of their numbers, part by part, and hands each part on. Which lines a part has is noted
 * before it is begun, so that one that was interrupted is the same when it is done again. While the receiver is away it waits;
 * lines are kept for days, and so long nothing is lost.
 */
@Singleton
class Exporter {
    private static final Logger LOG = Logger.getLogger(Exporter.class);

    private final Database database;
    private final Persistence persistence;

    Exporter(Database database, Persistence persistence) {
        this.database = database;
        this.persistence = persistence;
    }

    /** Whoever lines are handed on to. */
    interface Receiver {
        /** Its name, for what is noted and counted. */
        String name();

        /** How many lines a part has, at most. */
        int most();

        /** How long to wait between looking for more. */
        Duration interval();

        /**
         * Takes a part; when it returns, the receiver has it.
         *
         * @param again whether it may have been given the same, or some of it, before
         */
        void take(List<KeptLine> lines, boolean again) throws IOException;
    }

    /** Begins. */
    void start(Receiver receiver) {
        Thread.ofVirtual().name(receiver.name()).start(() -> {
            try {
                do {
                    while (persistence.until("hand lines on to " + receiver.name(), () -> part(receiver))) {
                        LOG.debugf("a part of lines was handed on to %s", receiver.name());
                    }
                } while (persistence.pause(receiver.interval().toMillis()));
            } catch (Persistence.StoppedException stopped) {
                LOG.debug("stopped", stopped);
            }
        });
    }

    /** Hands a part on; whether there may be more at once. */
    private boolean part(Receiver receiver) throws SQLException {
        Plan plan = database.transact(connection -> plan(connection, receiver));
        if (plan == Plan.NOTHING) {
            return false;
        }
        return database.transact(connection -> {
            Optional<Place> held = ExportStore.lock(connection, receiver.name());
            if (held.isEmpty() || held.get().planned() == held.get().upto()) {
                return false;
            }
            LineStore.Page page =
                    LineStore.between(connection, held.get().upto(), held.get().planned(), receiver.most());
            try {
                receiver.take(page.lines(), plan == Plan.AGAIN);
            } catch (IOException away) {
                throw new SQLException(receiver.name() + " is away: " + away.getMessage(), away);
            }
            ExportStore.save(
                    connection,
                    receiver.name(),
                    new Place(held.get().planned(), held.get().planned()));
            return true;
        });
    }

    private enum Plan {
        /** No lines, or another instance is at it. */
        NOTHING,
        NEW,
        /** What was planned before, and perhaps begun. */
        AGAIN
    }

    private static Plan plan(Connection connection, Receiver receiver) throws SQLException {
        Optional<Place> place = ExportStore.lock(connection, receiver.name());
        if (place.isEmpty()) {
            return Plan.NOTHING;
        }
        if (place.get().planned() > place.get().upto()) {
            return Plan.AGAIN;
        }
        List<KeptLine> lines =
                LineStore.after(connection, place.get().upto(), receiver.most()).lines();
        if (lines.isEmpty()) {
            return Plan.NOTHING;
        }
        ExportStore.save(
                connection,
                receiver.name(),
                new Place(place.get().upto(), lines.getLast().seq()));
        return Plan.NEW;
    }
}
