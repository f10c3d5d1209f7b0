package io.mooring.sync;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The service's configuration, {@code mooring.sync.*}. */
@ConfigMapping(prefix = "mooring.sync")
public interface SyncConfig {
    /** The cloud that is made at the first start. */
    @WithDefault("main")
    String defaultCloud();

    /** Who may use the HTTP API: a name for the log, and the SHA-256 of the token in lower-case hex. */
    Map<String, String> clients();

    /** Kafka Connect, where Debezium runs. */
    Connect connect();

    /** The database as Kafka Connect sees it. */
    Cdc cdc();

    /** Catching up. */
    CatchUp catchUp();

    /** Several rows in one message, for devices that say that they understand it. */
    RowBatches rowBatches();

    /** What is kept of writes that do not stand. */
    Conflicts conflicts();

    /** What is kept of rows' earlier versions, of models whose schema says {@code history: true}. */
    History history();

    /** The topics on which applications read rows. */
    RowTopics rowTopics();

    interface History {
        /** How long they are kept, in days. */
        @WithDefault("90")
        int days();
    }

    interface Conflicts {
        /** How long they are kept, in days. */
        @WithDefault("7")
        int days();

        /** How many of one device are kept at most, the latest. */
        @WithDefault("1000")
        int perDevice();

        /** How often old ones are let go, in seconds. */
        @WithDefault("60")
        int pruneSeconds();
    }

    /** Rows with a {@code ttl}. */
    Expiry expiry();

    /** What is kept for devices that are away. */
    Retention retention();

    interface Expiry {
        /** How long to wait between two looks for expired rows. */
        @WithDefault("10s")
        Duration pause();
    }

    interface Retention {
        /** How long removals and places are kept; a device that did not catch up for longer gets everything anew. */
        @WithDefault("90d")
        Duration time();

        /** How long to wait between two looks for what is older. */
        @WithDefault("20s")
        Duration pause();
    }

    interface Connect {
        /** The REST address of Kafka Connect. Without one, somebody else looks after the connector. */
        Optional<String> url();

        /** How often the connector and its slot are looked at, in seconds. */
        @WithDefault("5")
        int checkSeconds();
    }

    interface Cdc {
        @WithDefault("127.0.0.1")
        String host();

        @WithDefault("7432")
        int port();

        @WithDefault("mooring")
        String database();

        @WithDefault("mooring_cdc")
        String user();

        /** The variable in Kafka Connect's environment that holds the password; it never passes through here. */
        @WithDefault("MOORING_CDC_PASSWORD")
        String passwordVariable();

        /**
         * How often the connector looks for changes, in milliseconds: on average half of it is what it adds to their way.
         * 10 costs a twelfth of a processor when nothing happens.
         */
        @WithDefault("10")
        int pollMillis();

        /** The name of the connector. Slot and publication are {@code mooring}, as bootstrap.sql makes them. */
        @WithDefault("mooring")
        String name();
    }

    interface RowTopics {
        /** Whether there are any. Switched on again, they are filled anew. */
        @WithDefault("true")
        boolean enabled();

        /** How many partitions they are made with. */
        @WithDefault("3")
        int partitions();
    }

    interface RowBatches {
        /** How many rows a message has at most; 1 sends each by itself. */
        @WithDefault("500")
        int maxRows();

        /** How many bytes a message of several rows has at most; our agent takes no message of more than 1 MiB. */
        @WithDefault("65536")
        int maxBytes();
    }

    interface CatchUp {
        /** How many devices catch up at once. */
        @WithDefault("4")
        int workers();

        /** How many rows are read and sent at once for one device. */
        @WithDefault("200")
        int chunkRows();
    }
}
