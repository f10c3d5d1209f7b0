package io.mooring.files.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Folders whose every change is on the disk when the call returns. */
final class Folders {
    private static final int TRIES = 5;

    private Folders() {}

    /** What is done with each file of a tree. */
    @FunctionalInterface
    interface Visit {
        void file(Path path, BasicFileAttributes attributes) throws IOException;
    }

    /** Makes a folder, and those above it. */
    static void make(Path folder) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            make(parent);
        }
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException raced) {
            // Somebody else made it; if it is a file, whoever uses it fails.
        }
        if (parent != null) {
            sync(parent);
        }
    }

    /** Puts a file in its place, over whatever is there. The folder may be vanishing: an emptied one is removed. */
    static void place(Path file, Path target) throws IOException {
        Path folder = target.getParent();
        if (folder == null) {
            throw new IOException("not below a folder");
        }
        for (int i = 1; ; i++) {
            make(folder);
            try {
                replace(file, target);
                return;
            } catch (NoSuchFileException vanished) {
                if (i == TRIES || !Files.exists(file)) {
                    throw vanished;
                }
            }
        }
    }

    /** Puts a file in its place, in a folder that is there. */
    static void replace(Path file, Path target) throws IOException {
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(target.toAbsolutePath().resolveSibling(""));
    }

    /** Deletes a file if it is there, and the folders above it that this leaves empty, up to one. */
    static void remove(Path file, Path upTo) throws IOException {
        Path folder = file.getParent();
        if (Files.deleteIfExists(file) && folder != null) {
            sync(folder);
        }
        try {
            for (; folder != null && folder.startsWith(upTo) && !folder.equals(upTo); folder = folder.getParent()) {
                Files.deleteIfExists(folder);
            }
        } catch (DirectoryNotEmptyException inUse) {
            // The usual end.
        }
    }

    /** Visits all files below a folder; those that vanish meanwhile are left out. */
    static void walk(Path folder, Visit visit) throws IOException {
        walk(folder, visit, false);
    }

    /** Deletes a folder with all that is in it. */
    static void delete(Path folder) throws IOException {
        walk(folder, (file, attributes) -> Files.deleteIfExists(file), true);
    }

    private static void walk(Path folder, Visit visit, boolean andDelete) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                visit.file(file, attributes);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) throws IOException {
                if (problem instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw problem;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException problem)
                    throws IOException {
                if (andDelete) {
                    Files.deleteIfExists(directory);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (NoSuchFileException vanished) {
            // Emptied and removed meanwhile: there is nothing to keep.
        }
    }
}
