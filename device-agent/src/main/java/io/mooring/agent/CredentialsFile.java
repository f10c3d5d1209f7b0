package io.mooring.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Keeps the device's access keys in a file, in the form of AWS' shared credentials file, so that AWS' tools on the device
 * need nothing else: a new key is there before the one in it ends. Replaced by one rename, readable by its owner only.
 */
final class CredentialsFile implements Runnable {
    private final Path file;
    private final AccessKeys keys;
    private final Consumer<String> trouble;
    private final Backoff retries = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /**
     * With where the file goes.
     *
     * @param trouble told what did not work and will be tried again
     */
    CredentialsFile(Path file, AccessKeys keys, Consumer<String> trouble) {
        this.file = file.toAbsolutePath();
        this.keys = keys;
        this.trouble = trouble;
    }

    /** Until it is interrupted. */
    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(keep());
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes the key that is good now; says how long it stays so. */
    private Duration keep() throws InterruptedException {
        try {
            write(keys.current());
            retries.reset();
            Duration rest = Duration.between(Instant.now(), keys.nextAfterCurrent());
            return rest.isNegative() ? Duration.ZERO : rest;
        } catch (IOException e) {
            Duration pause = retries.next();
            trouble.accept(e.getMessage());
            return pause;
        }
    }

    private void write(AccessKeys.Key key) throws IOException {
        String text = "[default]\naws_access_key_id = " + key.id() + "\naws_secret_access_key = " + key.secret()
                + "\naws_session_token = " + key.sessionToken() + "\nregion = " + key.region() + "\n";
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        if (fresh.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
