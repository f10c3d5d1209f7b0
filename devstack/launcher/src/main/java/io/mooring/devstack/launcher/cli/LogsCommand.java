package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.place.DataFolder;
import io.mooring.devstack.launcher.process.StartException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring logs}. */
@Command(name = "logs", description = "Prints the last lines of a service's log, or of all.")
final class LogsCommand implements Callable<Integer> {
    private static final long POLL_MILLIS = 200;

    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "SERVICE",
            description = "Such as sync, broker or postgresql; all if left out.")
    private @Nullable String service;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            defaultValue = "50",
            description = "How many lines. Default: ${DEFAULT-VALUE}.")
    private int lines = 50;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is added.")
    private boolean follow;

    @Option(names = "--json", description = "Print one JSON document: an object of arrays of lines by service.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Map<String, Path> files = files(cloud.look());
        if (json) {
            Map<String, List<String>> document = new LinkedHashMap<>();
            for (Map.Entry<String, Path> file : files.entrySet()) {
                document.put(file.getKey(), last(file.getValue()));
            }
            Output.json(document);
            return 0;
        }
        Map<String, Long> positions = new LinkedHashMap<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            positions.put(file.getKey(), Files.size(file.getValue()));
            last(file.getValue()).forEach(line -> print(file.getKey(), line));
        }
        while (follow) {
            for (Map.Entry<String, Path> file : files.entrySet()) {
                positions.put(file.getKey(), printFrom(file, positions.getOrDefault(file.getKey(), 0L)));
            }
            Thread.sleep(POLL_MILLIS);
        }
        return 0;
    }

    private Map<String, Path> files(DataFolder folder) throws IOException {
        Map<String, Path> files = new LinkedHashMap<>();
        try (Stream<Path> found = Files.list(folder.path().resolve("logs"))) {
            found.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .forEach(file -> files.put(file.getFileName().toString().replace(".log", ""), file));
        }
        if (service == null) {
            return files;
        }
        Path chosen = files.get(service);
        if (chosen == null) {
            throw new StartException(
                    "there is no log of '" + service + "'; there are: " + String.join(", ", files.keySet()));
        }
        return Map.of(service, chosen);
    }

    private List<String> last(Path file) throws IOException {
        ArrayDeque<String> kept = new ArrayDeque<>();
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (kept.size() >= Math.max(lines, 1)) {
                    kept.removeFirst();
                }
                kept.addLast(line);
            }
        }
        return new ArrayList<>(kept);
    }

    private long printFrom(Map.Entry<String, Path> file, long position) throws IOException {
        long size = Files.size(file.getValue());
        // Shorter than before: a new file was begun.
        long from = size < position ? 0 : position;
        if (size == from) {
            return size;
        }
        try (var channel = Files.newByteChannel(file.getValue())) {
            channel.position(from);
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(size - from, 1 << 20));
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                // Until all that was there is read.
            }
            String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            int end = text.lastIndexOf('\n');
            if (end < 0) {
                return from;
            }
            text.substring(0, end).lines().forEach(line -> print(file.getKey(), line));
            return from + text.substring(0, end + 1).getBytes(StandardCharsets.UTF_8).length;
        }
    }

    private void print(String name, String line) {
        System.out.println(service == null ? name + " | " + line : line);
    }
}
