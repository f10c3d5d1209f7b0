package io.mooring.audit.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A folder; keys are paths in it. An object is written aside, forced to the disk and then given its name, so that there never
 * is half of one. Names that begin with a dot are not the trail's.
 */
public final class FolderStore implements ObjectStore {
    private final Path root;
    private final Path aside;

    public FolderStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
        this.aside = this.root.resolve(".incoming");
    }

    @Override
    public boolean put(String key, byte[] bytes, Map<String, String> metadata) throws IOException {
        Path file = file(key);
        if (Files.exists(file)) {
            return false;
        }
        makeFolders(aside);
        makeFolders(parent(file));
        Path fresh = aside.resolve(UUID.randomUUID().toString());
        try (FileChannel channel = FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r--r-----")))) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        force(parent(file));
        return true;
    }

    /** Makes folders so that they outlive a loss of power. */
    private void makeFolders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        if (!folder.equals(root)) {
            makeFolders(parent(folder));
        }
        Files.createDirectories(folder);
        force(parent(folder));
    }

    private static Path parent(Path file) {
        return Objects.requireNonNull(file.getParent(), "below the root");
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public Optional<byte[]> get(String key) throws IOException {
        try {
            Path file = file(key);
            return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    private Path file(String key) throws IOException {
        Path file = root.resolve(key).normalize();
        if (key.isEmpty() || key.indexOf('\0') >= 0 || !file.startsWith(root) || file.equals(root)) {
            throw new IOException("'" + key + "' is no key of this trail");
        }
        return file;
    }

    @Override
    public List<String> list(String prefix, String after, int most) throws IOException {
        TreeSet<String> keys = new TreeSet<>();
        Path start = start(prefix);
        if (!Files.isDirectory(start)) {
            return List.of();
        }
        Files.walkFileTree(start, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                if (folder.equals(root)) {
                    return FileVisitResult.CONTINUE;
                }
                String name = key(folder) + "/";
                boolean before = name.compareTo(after) < 0 && !after.startsWith(name);
                return isHidden(folder) || before ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String key = key(file);
                if (!isHidden(file) && key.startsWith(prefix) && key.compareTo(after) > 0) {
                    keys.add(key);
                    if (keys.size() > most) {
                        keys.pollLast();
                    }
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return new ArrayList<>(keys);
    }

    /** The deepest folder in which all is that begins so. */
    private Path start(String prefix) throws IOException {
        int slash = prefix.lastIndexOf('/');
        return slash <= 0 ? root : file(prefix.substring(0, slash));
    }

    private String key(Path file) {
        return root.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
    }

    private static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }
}
