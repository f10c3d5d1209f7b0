package io.mooring.devstack.launcher.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a process says, kept in a file of bounded size (one older part beside it, {@code .1}), and its
 * last lines in memory to say why it died. Safe for use by several threads.
 */
final class LogFile implements AutoCloseable {
    private static final long MAX_BYTES = 16L * 1024 * 1024;
    private static final int REMEMBERED_LINES = 40;

    private final Path path;
    private final ArrayDeque<String> lastLines = new ArrayDeque<>();
    private @Nullable OutputStream out;
    private long size;

    LogFile(Path path) {
        this.path = path;
    }

    /** Adds a line. A full disk must not stop the process from being read: then the line is only remembered. */
    synchronized void write(String line) {
        if (lastLines.size() == REMEMBERED_LINES) {
            lastLines.removeFirst();
        }
        lastLines.addLast(line);
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            OutputStream stream = open();
            stream.write(bytes);
            size += bytes.length;
            if (size > MAX_BYTES) {
                close();
                Files.move(path, path.resolveSibling(path.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException notWritten) {
            close();
        }
    }

    private OutputStream open() throws IOException {
        OutputStream stream = out;
        if (stream == null) {
            Files.createDirectories(path.toAbsolutePath().getParent());
            stream = Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            out = stream;
            size = Files.size(path);
        }
        return stream;
    }

    synchronized void forgetLines() {
        lastLines.clear();
    }

    synchronized List<String> lastLines() {
        return List.copyOf(lastLines);
    }

    @Override
    public synchronized void close() {
        try {
            if (out != null) {
                out.close();
            }
        } catch (IOException notClosed) {
            // Nothing more can be done, and nothing depends on it.
        }
        out = null;
    }
}
