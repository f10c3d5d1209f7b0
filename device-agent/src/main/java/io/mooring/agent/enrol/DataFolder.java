package io.mooring.agent.enrol;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** A device's folder, which one agent at a time may use. Its files are for their owner alone. */
public final class DataFolder implements AutoCloseable {
    private final Path folder;
    private final FileChannel lockFile;

    private DataFolder(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /**
     * Opens a folder, making it if need be.
     *
     * @throws IOException if it cannot be used, or another agent uses it
     */
    public static DataFolder open(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            try {
                Files.createDirectories(folder);
                restrict(folder, "rwx------");
            } catch (FileAlreadyExistsException e) {
                throw new IOException("the data folder " + folder + " is a file", e);
            }
        }
        FileChannel lockFile =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = lockFile.tryLock();
            if (lock != null) {
                return new DataFolder(folder, lockFile);
            }
        } catch (OverlappingFileLockException e) {
            lockFile.close();
            throw new IOException("another agent of this process uses the data folder " + folder, e);
        }
        lockFile.close();
        throw new IOException("another agent uses the data folder " + folder);
    }

    /** The path of a file in it. */
    public Path file(String name) {
        return folder.resolve(name);
    }

    /** The text of a file, empty if there is none. */
    public Optional<String> read(String name) throws IOException {
        try {
            return Optional.of(Files.readString(file(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Puts a text in place of what the file held; after a power cut there is the one or the other. */
    public void write(String name, String text) throws IOException {
        Path draft = file(name + ".new");
        Files.deleteIfExists(draft);
        try (FileChannel out = FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            restrict(draft, "rw-------");
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        move(draft, file(name));
    }

    /** Gives a file another name, in place of what bore it. */
    public void rename(String from, String to) throws IOException {
        move(file(from), file(to));
    }

    /** Removes a file, if it is there. */
    public void delete(String name) throws IOException {
        Files.deleteIfExists(file(name));
    }

    private void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            // some systems cannot sync a folder; the file itself is safe
            return;
        }
    }

    private static void restrict(Path path, String permissions) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
