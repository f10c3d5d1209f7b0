package io.mooring.devstack.launcher.parts;

import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.process.ProcessPlan;
import io.mooring.devstack.launcher.process.Readiness;
import io.mooring.devstack.launcher.process.RunAs;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** The database server: made, started, and prepared for the services. */
public final class Postgresql {
    private static final String SUPERUSER = DatabaseServer.SUPERUSER;
    private static final String DATABASE = DatabaseServer.DATABASE;

    private static final List<String> SETTINGS = List.of(
            "listen_addresses=127.0.0.1",
            // The path of a socket may have 107 characters; a data folder's may be longer.
            "unix_socket_directories=",
            "wal_level=logical",
            "max_replication_slots=8",
            "max_wal_senders=8",
            // A slot that nobody reads must not fill the disk.
            "max_slot_wal_keep_size=2GB",
            "max_wal_size=512MB",
            "shared_buffers=64MB",
            "max_connections=80",
            "io_method=sync",
            "max_worker_processes=4",
            "jit=off",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_checkpoints=off",
            "log_line_prefix=%m [%p] %q%u@%d ");

    /**
     * For a cloud that lives for minutes, whose users come and go: at each sign-in a JVM without its second compiler would
     * hash for tens of milliseconds. To the passwords, random and of 192 bits, more of it adds nothing.
     */
    private static final int BRIEF_SCRAM_ITERATIONS = 1;

    private static final int FORMER_SERVER_WITHIN_MILLIS = 20_000;
    private static final int POLL_MILLIS = 50;

    private final Installation installation;
    private final DataFolder folder;
    private final int port;
    private final int scramIterations;

    /**
     * A server that is not started yet.
     *
     * @param brief whether it will run for minutes only
     */
    public Postgresql(Installation installation, DataFolder folder, int port, boolean brief) {
        this.installation = installation;
        this.folder = folder;
        this.port = port;
        this.scramIterations = brief ? BRIEF_SCRAM_ITERATIONS : DatabaseServer.SCRAM_ITERATIONS;
    }

    /** Makes the database's folder if there is none, and says how the server is started on it. */
    public ProcessPlan plan() {
        Path home = PostgresqlBinaries.unpacked(installation);
        RunAs runsAs = SystemUser.forPostgresql(home, folder.path());
        Path data = folder.postgresql();
        try {
            if (!Files.exists(data)) {
                initialise(home, runsAs, data);
            }
            forgetDeadPostmaster(data);
        } catch (IOException notMade) {
            throw new StartException("the database in " + data + " cannot be made: " + notMade.getMessage(), notMade);
        }
        List<String> command = new ArrayList<>(
                List.of(home.resolve("bin/postgres").toString(), "-D", data.toString(), "-p", Integer.toString(port)));
        for (String setting : SETTINGS) {
            command.add("-c");
            command.add(setting);
        }
        // Said at each start: a folder that a brief cloud made may be a lasting one's later.
        command.add("-c");
        command.add("scram_iterations=" + scramIterations);
        return new ProcessPlan(
                "postgresql",
                command,
                Environment.plain(),
                folder.path(),
                folder.log("postgresql"),
                new Readiness.Asked(this::answers),
                Duration.ofSeconds(60),
                runsAs,
                "INT",
                Duration.ofSeconds(20));
    }

    /** In a folder beside it, renamed when complete: an interrupted start leaves no half of a database. */
    private void initialise(Path home, RunAs runsAs, Path data) throws IOException {
        Path fresh = data.resolveSibling("postgresql.new");
        DataTree.delete(fresh);
        Files.createDirectory(fresh);
        Path passwordFile = fresh.resolveSibling("postgresql.password");
        Files.writeString(passwordFile, folder.secrets().rolePassword(SUPERUSER) + "\n");
        // Before initdb asks: the folder of the secrets is closed to PostgreSQL's user.
        Files.setPosixFilePermissions(passwordFile, PosixFilePermissions.fromString("rw-------"));
        SystemUser.giveToPostgresql(fresh);
        SystemUser.giveToPostgresql(passwordFile);
        try {
            ProcessPlan initdb = new ProcessPlan(
                    "initdb",
                    List.of(
                            home.resolve("bin/initdb").toString(),
                            "--pgdata=" + fresh,
                            "--username=" + SUPERUSER,
                            "--pwfile=" + passwordFile,
                            "--encoding=UTF8",
                            "--locale=C",
                            "--data-checksums",
                            "--set=scram_iterations=" + scramIterations,
                            "--auth=scram-sha-256"),
                    Environment.plain(),
                    folder.path(),
                    folder.log("postgresql"),
                    new Readiness.Says("Success"),
                    Duration.ofSeconds(60),
                    runsAs,
                    "TERM",
                    Duration.ofSeconds(5));
            initdb.runToEnd();
        } finally {
            Files.deleteIfExists(passwordFile);
        }
        Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * A server that was killed leaves the file that says which process it was. If that number now
     * belongs to something else, PostgreSQL would not start; we hold the folder's lock and know better.
     */
    private static void forgetDeadPostmaster(Path data) throws IOException {
        Path file = data.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return;
        }
        List<String> lines = Files.readAllLines(file);
        Path program = Path.of("/proc", lines.isEmpty() ? "0" : lines.getFirst().strip(), "comm");
        boolean alive =
                Files.exists(program) && Files.readString(program).strip().equals("postgres");
        if (!alive) {
            Files.deleteIfExists(file);
        }
    }

    /**
     * Waits for the server of a launcher that was killed: it is told by the kernel, and takes a moment to
     * write down what it has.
     */
    public void awaitFormerServer() throws InterruptedException {
        Path file = folder.postgresql().resolve("postmaster.pid");
        try {
            if (Files.exists(file)) {
                long pid = Long.parseLong(Files.readAllLines(file).getFirst().strip());
                Path program = Path.of("/proc", Long.toString(pid), "comm");
                for (int waited = 0; waited < FORMER_SERVER_WITHIN_MILLIS; waited += POLL_MILLIS) {
                    if (!Files.exists(program)
                            || !Files.readString(program).strip().equals("postgres")) {
                        return;
                    }
                    Thread.sleep(POLL_MILLIS);
                }
            }
        } catch (IOException | NumberFormatException | NoSuchElementException gone) {
            // It ended while we looked.
            return;
        }
    }

    private boolean answers() {
        return server().answers();
    }

    /** Where the services' database is, for JDBC. */
    public String jdbcUrl() {
        return server().jdbcUrl(DATABASE);
    }

    /** A connection to the services' database as a role of bootstrap.sql, or the superuser. */
    public Connection connect(String role) throws SQLException {
        return server().connect(DATABASE, role);
    }

    /** Makes database, roles, schemas and passwords. Changes nothing that is there already. */
    public void bootstrap() {
        server().bootstrap(installation.bootstrapSql(), scramIterations);
    }

    private DatabaseServer server() {
        return new DatabaseServer("127.0.0.1", port, folder.secrets());
    }

    /** What a service is told to reach the database at a port, as Quarkus reads it. */
    Map<String, String> environment(String role, int at) {
        return Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL", new DatabaseServer("127.0.0.1", at, folder.secrets()).jdbcUrl(DATABASE),
                "QUARKUS_DATASOURCE_USERNAME", role,
                "QUARKUS_DATASOURCE_PASSWORD", folder.secrets().rolePassword(role));
    }
}
