package io.mooring.devstack.launcher;

import io.mooring.devstack.launcher.place.RunState.RunningProcess;
import io.mooring.devstack.launcher.process.Notices;
import io.mooring.devstack.launcher.process.ProcessPlan;
import io.mooring.devstack.launcher.process.StartException;
import io.mooring.devstack.launcher.process.Supervised;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** The processes of one cloud: started as they come, stopped in order. Safe for use by several threads. */
final class Fleet {
    private final Notices notices;
    private final boolean restarts;
    private final Map<Component, Supervised> components = new EnumMap<>(Component.class);
    private final List<Supervised> extras = new ArrayList<>();
    private boolean closing;

    Fleet(Notices notices, boolean restarts) {
        this.notices = notices;
        this.restarts = restarts;
    }

    /** Starts a component and waits until it is ready. */
    void launch(Component component, ProcessPlan plan) throws InterruptedException {
        Supervised process = new Supervised(plan, notices, restarts);
        synchronized (this) {
            requireOpen();
            components.put(component, process);
            process.start();
        }
        process.awaitReady(plan.readyWithin());
    }

    /** Starts something else, which is stopped before all components. */
    synchronized Supervised keep(ProcessPlan plan) {
        requireOpen();
        Supervised process = new Supervised(plan, notices, restarts);
        extras.add(process);
        process.start();
        return process;
    }

    private void requireOpen() {
        if (closing) {
            throw new StartException("the cloud is being stopped");
        }
    }

    synchronized Supervised of(Component component) {
        Supervised process = components.get(component);
        if (process == null) {
            throw new IllegalArgumentException(component.label() + " is no part of this devstack");
        }
        return process;
    }

    /** What runs, in the order of starting. */
    synchronized List<RunningProcess> describe(Function<Component, String> url) {
        List<RunningProcess> all = new ArrayList<>();
        components.forEach((component, process) -> all.add(describe(process, url.apply(component))));
        extras.forEach(process -> all.add(describe(process, "")));
        return all;
    }

    private static RunningProcess describe(Supervised process, String url) {
        return new RunningProcess(
                process.plan().name(),
                url,
                process.pid().orElse(0),
                process.state().name().toLowerCase(Locale.ROOT),
                process.deaths(),
                process.plan().log().toString());
    }

    /** How all of them were started. */
    synchronized List<ProcessPlan> plans() {
        return Stream.concat(components.values().stream(), extras.stream())
                .map(Supervised::plan)
                .toList();
    }

    /** From now on nothing is started any more; whether anything was. */
    synchronized boolean close() {
        closing = true;
        return !components.isEmpty();
    }

    /** Stops all: those at the edge first, those who keep something last. */
    void stop() {
        List<Supervised> last;
        Map<Component, Supervised> running;
        synchronized (this) {
            last = List.copyOf(extras);
            running = new EnumMap<>(Component.class);
            running.putAll(components);
        }
        stopTogether(last);
        for (List<Component> together : Component.STOPS) {
            stopTogether(
                    together.stream().filter(running::containsKey).map(this::of).toList());
        }
    }

    private static void stopTogether(List<Supervised> some) {
        List<Thread> threads = some.stream()
                .map(process -> Thread.ofVirtual().start(process::close))
                .toList();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
