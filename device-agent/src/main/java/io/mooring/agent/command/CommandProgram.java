package io.mooring.agent.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Has a program do commands. It gets the arguments as JSON on standard input, and {@code MOORING_COMMAND} and {@code
 * MOORING_COMMAND_ID} in its environment; what it writes to standard output is the output, as JSON if it is such. Status
 * 0 is success; else the last line of standard error says why not. When its time is up it is killed.
 */
public final class CommandProgram implements CommandHandler {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MAX_OUTPUT = 65_536;

    private final List<String> commandLine;

    public CommandProgram(List<String> commandLine) {
        if (commandLine.isEmpty()) {
            throw new IllegalArgumentException("a program has a name");
        }
        this.commandLine = List.copyOf(commandLine);
    }

    @Override
    public Outcome handle(Command command, Progress progress) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(commandLine);
        builder.environment().put("MOORING_COMMAND", command.name());
        builder.environment().put("MOORING_COMMAND_ID", command.id());
        Process process = builder.start();
        try {
            FutureTask<String> output = reading(process.getInputStream());
            FutureTask<String> errors = reading(process.getErrorStream());
            try (var input = process.getOutputStream()) {
                input.write(JSON.writeValueAsBytes(command.args().isMissingNode() ? null : command.args()));
            } catch (IOException notRead) {
                // It need not read what it is told.
            }
            int status = process.waitFor();
            Object said = value(output.get());
            return status == 0
                    ? new Outcome.Succeeded(said)
                    : new Outcome.Failed("status " + status + ": " + lastLine(errors.get()), said);
        } catch (ExecutionException unreadable) {
            throw new IOException(unreadable.getCause());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static FutureTask<String> reading(InputStream stream) {
        FutureTask<String> task = new FutureTask<>(() -> {
            byte[] first = stream.readNBytes(MAX_OUTPUT);
            stream.transferTo(java.io.OutputStream.nullOutputStream());
            return new String(first, StandardCharsets.UTF_8);
        });
        Thread.ofVirtual().start(task);
        return task;
    }

    private static @Nullable Object value(String text) {
        if (text.isBlank()) {
            return null;
        }
        try {
            return JSON.readValue(text, Object.class);
        } catch (JsonProcessingException plainText) {
            return text.strip();
        }
    }

    private static String lastLine(String text) {
        List<String> lines = text.strip().lines().toList();
        return lines.isEmpty() ? "" : lines.getLast();
    }
}
