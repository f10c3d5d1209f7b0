package io.mooring.agent.metric;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the number of a source. */
final class Probe {
    /** How much of a file or of what a program prints is looked at, in bytes. */
    private static final int MOST = 65_536;

    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(\\d{1,400}\\.?\\d{0,400}|\\.\\d{1,400})([eE][-+]?\\d{1,4})?");

    private Probe() {}

    /**
     * Measures once.
     *
     * @throws IOException if there is no number; the message says why
     */
    static double measure(MetricSettings.Source source) throws IOException, InterruptedException {
        return switch (source.origin()) {
            case MetricSettings.Origin.NumberFile file -> {
                try (InputStream in = Files.newInputStream(file.path())) {
                    yield number(source, text(in.readNBytes(MOST)));
                }
            }
            case MetricSettings.Origin.Program program -> number(source, run(program));
            case MetricSettings.Origin.Own own -> throw new IOException("the agent has more than one number");
        };
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static double number(MetricSettings.Source source, String text) throws IOException {
        Matcher found = source.pattern().matcher(text);
        String said = found.find() ? found.group(1) : null;
        if (said == null || !NUMBER.matcher(said).matches()) {
            throw new IOException(
                    "no number, but: " + text.strip().lines().findFirst().orElse("nothing"));
        }
        return Double.parseDouble(said) * source.factor();
    }

    private static String run(MetricSettings.Origin.Program program) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(program.command())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            process.getOutputStream().close();
            FutureTask<String> output = new FutureTask<>(() -> {
                String first = text(process.getInputStream().readNBytes(MOST));
                process.getInputStream().transferTo(OutputStream.nullOutputStream());
                return first;
            });
            // Reading a pipe holds on to a thread of the system's: one of its own does not starve others.
            Thread.ofPlatform().daemon().name("metric output").start(output);
            long end = System.nanoTime() + program.timeout().toNanos();
            // Its output first: what it leaves running in the background may hold on to that.
            String said = output.get(program.timeout().toNanos(), TimeUnit.NANOSECONDS);
            if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException();
            }
            if (process.exitValue() != 0) {
                throw new IOException("it ended with status " + process.exitValue());
            }
            return said;
        } catch (ExecutionException unreadable) {
            throw new IOException(unreadable.getCause());
        } catch (TimeoutException slow) {
            throw new IOException("it takes more than " + program.timeout().toMillis() + " ms", slow);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
