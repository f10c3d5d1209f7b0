package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.parts.JvmFlags;
import io.mooring.devstack.launcher.parts.StartCache;
import io.mooring.devstack.launcher.place.Installation;
import io.mooring.devstack.launcher.process.ProcessPlan;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/**
 * The last step of the build: a cloud and its demo device run until the first row has crossed, and what their JVMs
 * have loaded by then is made into start caches. Without it all works the same, and starts in twice the time.
 */
@Command(name = "train", hidden = true, description = "Makes later starts quick; part of ./mooring build.")
final class TrainCommand implements Callable<Integer> {
    private static final int FIRST_ROW_WITHIN_SECONDS = 120;

    private final Console console = new Console(Instant.now(), () -> {});
    private final Installation installation = Installation.find();

    @Override
    public Integer call() throws InterruptedException, IOException {
        Files.createDirectories(installation.startCache("any").getParent());
        List<ProcessPlan> plans = run();
        for (int index = 0; index < plans.size(); index++) {
            ProcessPlan plan = plans.get(index);
            console.line("  [" + (index + 1) + "/" + plans.size() + "] start cache of " + plan.name());
            StartCache.of(installation, plan.name()).assemble(plan);
        }
        return 0;
    }

    private List<ProcessPlan> run() throws InterruptedException {
        CountDownLatch firstRow = new CountDownLatch(1);
        try (Devstack stack = Devstack.builder()
                        .withAll()
                        .restarts(false)
                        .training()
                        .notices(console)
                        .start();
                LiveLines lines = LiveLines.start(
                        stack.bootstrapServers(), stack.topicsPrefix(), line -> {}, firstRow::countDown)) {
            DemoDevice.start(stack);
            if (!firstRow.await(FIRST_ROW_WITHIN_SECONDS, TimeUnit.SECONDS)) {
                console.line("mooring: no row crossed; the start caches know less than they could");
            }
            // For whom asks, as ./mooring up does.
            RunningCloud.state(stack, Instant.now()).write(stack.folder());
            askOnce(stack);
            return stack.plans().stream()
                    .filter(plan -> !plan.name().equals(Component.POSTGRESQL.label()))
                    .toList();
        }
    }

    /**
     * Has the launcher, as a process of its own, ask the cloud something as an operator would. It runs as this one does, and ends
     * by itself: the JVM's one-step form makes its cache.
     */
    private void askOnce(Devstack stack) throws InterruptedException {
        Path cache = installation.startCache("launcher");
        List<String> command = new ArrayList<>(List.of(JvmFlags.java().toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-XX:AOTCache"))
                .forEach(command::add);
        command.add("-XX:AOTCacheOutput=" + cache);
        command.addAll(List.of("-jar", System.getProperty("java.class.path"), "device", "list", "--json"));
        command.addAll(List.of("--data", stack.dataDir().toString()));
        Path said = stack.dataDir().resolve("run/asked.log");
        try {
            int exit = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start()
                    .waitFor();
            if (!Files.isRegularFile(cache)) {
                console.line("mooring: no start cache of the launcher could be made");
            } else if (exit != 0) {
                console.line("mooring: the launcher had no answer; its start cache knows less than it could. It said: "
                        + Files.readString(said).strip());
            }
        } catch (IOException notStarted) {
            console.line("mooring: no start cache of the launcher could be made: " + notStarted);
        }
    }
}
