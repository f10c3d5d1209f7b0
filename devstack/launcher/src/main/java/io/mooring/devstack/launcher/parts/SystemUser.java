package io.mooring.devstack.launcher.parts;

import io.mooring.devstack.launcher.process.RunAs;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;

/** As whom PostgreSQL runs, which refuses to run as root: {@code nobody} if we are root, else ourselves. */
final class SystemUser {
    private static final String NOBODY = "nobody";

    private SystemUser() {}

    private static boolean weAreRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException unknown) {
            throw new StartException("it is not known as which user we run: /proc is missing", unknown);
        }
    }

    /** Ends with us by SIGINT, PostgreSQL's fast shutdown. */
    static RunAs forPostgresql(Path... reached) {
        if (!weAreRoot()) {
            return new RunAs("", "", false, "INT");
        }
        boolean closed = false;
        for (Path path : reached) {
            closed = closed || !isOpenToAll(path);
        }
        return new RunAs(NOBODY, groupOfNobody(), closed, "INT");
    }

    /** Gives a folder and all in it to the user PostgreSQL runs as. */
    static void giveToPostgresql(Path folder) throws IOException {
        if (!weAreRoot()) {
            return;
        }
        UserPrincipal nobody =
                folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(NOBODY);
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.setOwner(directory, nobody);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.setOwner(file, nobody);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static boolean isOpenToAll(Path path) {
        try {
            for (Path folder = path.toRealPath(); folder != null; folder = folder.getParent()) {
                if (!Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return false;
                }
            }
            return true;
        } catch (IOException unknown) {
            return false;
        }
    }

    private static String groupOfNobody() {
        try {
            for (String line : Files.readAllLines(Path.of("/etc/passwd"), StandardCharsets.UTF_8)) {
                String[] fields = line.split(":", -1);
                if (fields[0].equals(NOBODY) && fields.length > 3) {
                    return fields[3];
                }
            }
        } catch (IOException unreadable) {
            throw new StartException("/etc/passwd cannot be read: " + unreadable.getMessage(), unreadable);
        }
        throw new StartException("PostgreSQL does not run as root, and there is no user '" + NOBODY
                + "' to run it as: run Mooring as an ordinary user");
    }
}
