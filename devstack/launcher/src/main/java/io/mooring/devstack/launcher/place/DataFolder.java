package io.mooring.devstack.launcher.place;

import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder in which one cloud keeps all it has: a part for each component, {@code secrets}, {@code
 * tls}, {@code logs}, and {@code run} with the lock and the state of what runs now.
 */
public final class DataFolder implements AutoCloseable {
    /** A cloud's folder is known by this file, so that no other folder is ever written to. */
    private static final String MARKER = "mooring-data";

    private static final String FORMAT = "1";
    /** Those that cannot be made anew: what they open would stay shut. */
    private static final List<String> LASTING_SECRETS =
            List.of(Secrets.SUPERUSER_PASSWORD, Secrets.CERTIFICATES_MASTER_KEY);

    private static final long LEAST_FREE_BYTES = 512L * 1024 * 1024;

    private final Path path;
    private final Secrets secrets;
    private final boolean isNew;
    private @Nullable FileChannel lockFile;

    private DataFolder(Path path, boolean isNew) {
        this.path = path;
        this.secrets = new Secrets(path.resolve("secrets"));
        this.isNew = isNew;
    }

    /**
     * Takes a folder for ourselves until {@link #close()}; makes it if absent.
     *
     * @throws StartException if another launcher has it, it is no data folder or is broken, it cannot be
     *     written to, or its disk is nearly full
     */
    public static DataFolder take(Path where) {
        Path path = where.toAbsolutePath().normalize();
        try {
            boolean isNew = prepare(path);
            DataFolder folder = new DataFolder(path, isNew);
            folder.lock();
            try {
                folder.checkWhole();
                requireSpace(path);
                if (isNew) {
                    // Before there is anything that only they can open.
                    LASTING_SECRETS.forEach(folder.secrets::make);
                    Files.writeString(path.resolve(MARKER), FORMAT + "\n");
                }
            } catch (IOException | RuntimeException unusable) {
                folder.close();
                throw unusable;
            }
            return folder;
        } catch (IOException notUsable) {
            throw new StartException("the data folder " + path + " cannot be used: " + said(notUsable), notUsable);
        }
    }

    /**
     * A cloud's folder to look into, without taking it.
     *
     * @throws StartException if there is no cloud in it
     */
    public static DataFolder look(Path where) {
        Path path = where.toAbsolutePath().normalize();
        if (!Files.isRegularFile(path.resolve(MARKER))) {
            throw new StartException("there is no Mooring cloud in " + path
                    + ": start one with ./mooring up, or say with --data where it is");
        }
        return new DataFolder(path, false);
    }

    private static boolean prepare(Path path) throws IOException {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new StartException("the data folder " + path + " is a file");
        }
        Files.createDirectories(path);
        boolean isNew = !Files.exists(path.resolve(MARKER));
        if (isNew) {
            try (DirectoryStream<Path> inside = Files.newDirectoryStream(path)) {
                for (Path entry : inside) {
                    String name = entry.getFileName().toString();
                    // What an interrupted first start leaves behind.
                    if (!name.equals("run") && !name.equals("secrets") && !name.equals("logs")) {
                        throw new StartException("the folder " + path + " holds other things (" + name
                                + "): choose an empty one with --data");
                    }
                }
            }
        } else {
            String format = Files.readString(path.resolve(MARKER)).strip();
            if (!format.equals(FORMAT)) {
                throw new StartException("the data folder " + path
                        + " was made by another version of Mooring, or is broken: its format is '" + format
                        + "', this version reads '" + FORMAT + "'");
            }
        }
        Files.createDirectories(path.resolve("run"));
        Files.createDirectories(path.resolve("logs"));
        Files.createDirectories(
                path.resolve("secrets"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return isNew;
    }

    private void lock() throws IOException {
        FileChannel channel = FileChannel.open(lockPath(path), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException takenByThisJvm) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new StartException(
                    "another launcher runs the cloud in " + path + ": stop it, or choose another folder with --data");
        }
        lockFile = channel;
    }

    private static Path lockPath(Path path) {
        return path.resolve("run/lock");
    }

    /** Whether a launcher runs this cloud now. */
    public boolean isRunning() {
        if (!Files.exists(lockPath(path))) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(lockPath(path), StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                lock.release();
            }
            return lock == null;
        } catch (OverlappingFileLockException takenByThisJvm) {
            return true;
        } catch (IOException unreadable) {
            return false;
        }
    }

    /** Secrets that cannot be made anew must be there if what they open is. */
    private void checkWhole() {
        Path database = postgresql();
        if (Files.exists(database)) {
            if (!Files.isRegularFile(database.resolve("PG_VERSION"))) {
                throw new StartException("the data folder is broken: " + database + " is not a PostgreSQL database");
            }
            for (String name : LASTING_SECRETS) {
                if (!secrets.has(name)) {
                    throw new StartException("the data folder is broken: " + path + "/secrets/" + name
                            + " is missing, without which its database cannot be read");
                }
            }
        }
    }

    private static void requireSpace(Path path) throws IOException {
        long free = Files.getFileStore(path).getUsableSpace();
        if (free < LEAST_FREE_BYTES) {
            throw new StartException("the disk of " + path + " is full: " + free / 1024 / 1024 + " MB are left, "
                    + LEAST_FREE_BYTES / 1024 / 1024 + " MB are wanted");
        }
    }

    private static String said(IOException problem) {
        return problem.getClass().getSimpleName() + ", " + problem.getMessage();
    }

    /** Whether the folder was made just now. */
    public boolean isNew() {
        return isNew;
    }

    public Path path() {
        return path;
    }

    public Secrets secrets() {
        return secrets;
    }

    public Path postgresql() {
        return path.resolve("postgresql");
    }

    /** The folder of a component that keeps something. */
    public Path of(String component) {
        return path.resolve(component);
    }

    public Path log(String component) {
        return path.resolve("logs").resolve(component + ".log");
    }

    public Path tls() {
        return path.resolve("tls");
    }

    public Path run() {
        return path.resolve("run");
    }

    /** What runs now, for {@code status} and {@code env}. */
    public Path state() {
        return run().resolve("state.json");
    }

    @Override
    public void close() {
        try {
            if (lockFile != null) {
                lockFile.close();
            }
        } catch (IOException notClosed) {
            // The lock ends with the process in any case.
        }
        lockFile = null;
    }
}
