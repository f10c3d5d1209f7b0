package io.mooring.agent.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a program prints, or the system's journal, which is what {@code journalctl} prints. Started again when it ends. */
final class ProgramTail {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long QUIET_MILLIS = 500;

    /** The longest row that is read: an entry of the journal is a row of JSON with all its fields. */
    private static final int LONGEST_ROW = 1 << 20;

    private static final long MICROS_PER_MILLI = 1_000;
    private static final List<String> PRIORITIES =
            List.of("fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug");

    private final LogSource source;
    private final List<String> command;
    private final boolean journal;
    private final Clock clock;
    private volatile @Nullable Process process;

    ProgramTail(LogSource source, List<String> command, boolean journal, Clock clock) {
        this.source = source;
        this.command = command;
        this.journal = journal;
        this.clock = clock;
    }

    /** Runs it once, until it ends. */
    void run() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(journal ? journalCommand() : command);
        builder.redirectErrorStream(!journal);
        if (journal) {
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        }
        Process started = builder.start();
        process = started;
        try (InputStream out = new BufferedInputStream(started.getInputStream())) {
            started.getOutputStream().close();
            Thread flusher = Thread.ofVirtual().start(() -> flushWhenQuiet(started));
            ByteArrayOutputStream row = new ByteArrayOutputStream();
            int one;
            while ((one = out.read()) >= 0) {
                if (one == '\n') {
                    take(row.toString(StandardCharsets.UTF_8));
                    row.reset();
                } else if (row.size() < (journal ? LONGEST_ROW : LineJoiner.LONGEST + 1)) {
                    row.write(one);
                }
            }
            if (row.size() > 0) {
                take(row.toString(StandardCharsets.UTF_8));
            }
            flusher.interrupt();
            flush();
        } finally {
            started.destroy();
            process = null;
        }
    }

    private void flushWhenQuiet(Process of) {
        try {
            while (of.isAlive()) {
                Thread.sleep(QUIET_MILLIS / 2);
                synchronized (source) {
                    source.quiet(QUIET_MILLIS);
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void flush() {
        synchronized (source) {
            source.flush();
        }
    }

    private void take(String row) {
        synchronized (source) {
            if (journal) {
                entry(row);
            } else {
                source.row(row, Optional.empty());
            }
        }
    }

    /** From where it was read last; at first from now on. */
    private List<String> journalCommand() {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of("-o", "json", "-f"));
        Optional<String> cursor = source.lastPlace().map(JsonNode::asText);
        if (cursor.isPresent()) {
            all.addAll(List.of("--no-tail", "--after-cursor=" + cursor.get()));
        } else {
            all.addAll(List.of("-n", "0"));
        }
        return all;
    }

    /** An entry in the journal's JSON form (systemd, Journal Export Formats, section JSON). */
    private void entry(String row) {
        JsonNode json;
        try {
            json = JSON.readTree(row);
        } catch (JsonProcessingException cut) {
            source.line(
                    new LogLine(clock.millis(), "warn", "an entry of the journal could not be read"), Optional.empty());
            return;
        }
        String message = message(json.path("MESSAGE"));
        String who =
                json.path("SYSLOG_IDENTIFIER").asText(json.path("_SYSTEMD_UNIT").asText(""));
        int priority = json.path("PRIORITY").asInt(6);
        String level = priority >= 0 && priority < PRIORITIES.size() ? PRIORITIES.get(priority) : null;
        long micros = json.path("__REALTIME_TIMESTAMP").asLong(clock.millis() * MICROS_PER_MILLI);
        String text = who.isEmpty() ? message : who + ": " + message;
        LineJoiner whole = new LineJoiner(null);
        whole.add(text.replace('\0', '\ufffd'));
        Optional<JsonNode> cursor = json.path("__CURSOR").isTextual()
                ? Optional.of(TextNode.valueOf(json.path("__CURSOR").asText()))
                : Optional.empty();
        whole.flush().ifPresent(line -> source.line(new LogLine(micros / MICROS_PER_MILLI, level, line), cursor));
    }

    /** A text, or the bytes of what is none. */
    private static String message(JsonNode message) {
        if (!message.isArray()) {
            return message.asText("");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        message.forEach(one -> bytes.write(one.asInt()));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    void stop() {
        Process running = process;
        if (running != null) {
            running.destroy();
        }
    }
}
