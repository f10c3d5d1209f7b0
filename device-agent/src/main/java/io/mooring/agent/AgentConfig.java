package io.mooring.agent;

import io.mooring.agent.cloud.SyncSettings;
import io.mooring.agent.command.CommandHandler;
import io.mooring.agent.command.CommandSettings;
import io.mooring.agent.enrol.DeviceSecret;
import io.mooring.agent.log.LogSettings;
import io.mooring.agent.metric.MetricSettings;
import io.mooring.contracts.schema.SyncSchema;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an agent must be told.
 *
 * @param url the cloud's device API, where devices register
 * @param productToken says of which product the device is; a secret
 * @param authority PEM file of the authorities to trust, or null for those of the Java runtime
 * @param data the device's folder
 * @param id the claim id if it was made at the factory, else null
 * @param secret what it proves to be the device of that id by, or null if it holds none
 * @param name the device's name, or null
 * @param description what it is, or null
 * @param deviceModel which model of the product it is, or null
 * @param account to whom it belongs, if that is known beforehand, else null
 * @param cloud to which cloud, likewise
 * @param schema all models ({@link Schemas}), or null for those alone that every cloud has
 * @param base whether to speak the base protocol only, as an Ioto agent does: key made by the cloud, basic
 *     ingest, whole rows
 * @param keepAlive how often the connection shows a sign of life
 * @param firstRetry how long to wait before trying again at first
 * @param longestRetry how long at most
 * @param renewAt after which share of a certificate's life to ask for the next, in 0 to 1
 * @param cacheKilobytes how much of its database a device keeps in memory
 * @param sync how sync goes about its work
 * @param logs what is captured of logs; with the base protocol only, nothing is
 * @param metrics what is measured, and how points wait; with the base protocol only, nothing is
 * @param commands who does which commands; with the base protocol only, nobody does any
 * @param clock the device's clock, by which its writes are timed; the system's, or one that is off
 */
public record AgentConfig(
        String url,
        String productToken,
        @Nullable Path authority,
        Path data,
        @Nullable String id,
        @Nullable DeviceSecret secret,
        @Nullable String name,
        @Nullable String description,
        @Nullable String deviceModel,
        @Nullable String account,
        @Nullable String cloud,
        @Nullable SyncSchema schema,
        boolean base,
        Duration keepAlive,
        Duration firstRetry,
        Duration longestRetry,
        double renewAt,
        int cacheKilobytes,
        SyncSettings sync,
        CommandSettings commands,
        LogSettings logs,
        MetricSettings metrics,
        Clock clock) {

    public AgentConfig {
        if (!(renewAt > 0 && renewAt < 1)) {
            throw new IllegalArgumentException("renewAt must lie between 0 and 1, not " + renewAt);
        }
    }

    /** The least there is to say; all else as suits a device that runs alone. */
    public static Builder of(String url, String productToken, Path data) {
        return new Builder(url, productToken, data);
    }

    /** Without the product token. */
    @Override
    public String toString() {
        return "AgentConfig[url=" + url + ", data=" + data + ", id=" + id + ", base=" + base + "]";
    }

    /** Says the rest. */
    public static final class Builder {
        private final String url;
        private final String productToken;
        private final Path data;
        private @Nullable Path authority;
        private @Nullable String id;
        private @Nullable DeviceSecret secret;
        private @Nullable String name;
        private @Nullable String description;
        private @Nullable String deviceModel;
        private @Nullable String account;
        private @Nullable String cloud;
        private @Nullable SyncSchema schema;
        private boolean base;
        private Duration keepAlive = Duration.ofSeconds(60);
        private Duration firstRetry = Duration.ofSeconds(1);
        private Duration longestRetry = Duration.ofSeconds(60);
        private double renewAt = 2.0 / 3;
        private int cacheKilobytes = 1_024;
        private SyncSettings sync = SyncSettings.DEFAULT;
        private CommandSettings commands = CommandSettings.NONE;
        private LogSettings logs = LogSettings.NONE;
        private MetricSettings metrics = MetricSettings.DEFAULT;
        private Clock clock = Clock.systemUTC();

        private Builder(String url, String productToken, Path data) {
            this.url = url;
            this.productToken = productToken;
            this.data = data;
        }

        public Builder authority(@Nullable Path file) {
            authority = file;
            return this;
        }

        public Builder id(@Nullable String claimId) {
            id = claimId;
            return this;
        }

        public Builder secret(@Nullable DeviceSecret held) {
            secret = held;
            return this;
        }

        public Builder name(@Nullable String text) {
            name = text;
            return this;
        }

        public Builder description(@Nullable String text) {
            description = text;
            return this;
        }

        public Builder deviceModel(@Nullable String text) {
            deviceModel = text;
            return this;
        }

        /** Whose it is and in which cloud: both known, it needs nobody to claim it. */
        public Builder owner(@Nullable String accountId, @Nullable String cloudName) {
            account = accountId;
            cloud = cloudName;
            return this;
        }

        public Builder schema(SyncSchema models) {
            schema = models;
            return this;
        }

        public Builder base(boolean baseProtocolOnly) {
            base = baseProtocolOnly;
            return this;
        }

        public Builder keepAlive(Duration interval) {
            keepAlive = interval;
            return this;
        }

        public Builder retries(Duration first, Duration longest) {
            firstRetry = first;
            longestRetry = longest;
            return this;
        }

        public Builder renewAt(double share) {
            renewAt = share;
            return this;
        }

        public Builder cacheKilobytes(int kilobytes) {
            cacheKilobytes = kilobytes;
            return this;
        }

        public Builder sync(SyncSettings settings) {
            sync = settings;
            return this;
        }

        /** Has a handler do commands of a name. */
        public Builder command(String commandName, CommandHandler handler, Duration timeout) {
            commands = commands.with(commandName, handler, timeout);
            return this;
        }

        /** The same within the usual time. */
        public Builder command(String commandName, CommandHandler handler) {
            return command(commandName, handler, CommandSettings.USUAL_TIMEOUT);
        }

        /** Has a program do commands of a name, see {@link io.mooring.agent.command.CommandProgram}. */
        public Builder commandProgram(String commandName, List<String> commandLine, Duration timeout) {
            commands = commands.withProgram(commandName, commandLine, timeout);
            return this;
        }

        /** Captures logs, and sends them. */
        public Builder logs(LogSettings settings) {
            logs = settings;
            return this;
        }

        /** Measures what it is told to, and says how points wait. */
        public Builder metrics(MetricSettings settings) {
            metrics = settings;
            return this;
        }

        /** The device has another clock than the machine it runs on; for tests of clocks that are off. */
        public Builder clock(Clock deviceClock) {
            clock = deviceClock;
            return this;
        }

        public AgentConfig build() {
            return new AgentConfig(
                    url,
                    productToken,
                    authority,
                    data,
                    id,
                    secret,
                    name,
                    description,
                    deviceModel,
                    account,
                    cloud,
                    schema,
                    base,
                    keepAlive,
                    firstRetry,
                    longestRetry,
                    renewAt,
                    cacheKilobytes,
                    sync,
                    commands,
                    logs,
                    metrics,
                    clock);
        }
    }
}
