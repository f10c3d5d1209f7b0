package io.mooring.devstack.launcher;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A launcher of its own process, for tests that end it: PostgreSQL and Kafka in the folder it is given. */
final class StartsTwoProcesses {
    private StartsTwoProcesses() {}

    public static void main(String[] arguments) throws InterruptedException {
        Devstack stack = Devstack.builder()
                .brief()
                .dataDir(Path.of(arguments[0]))
                .with(Component.POSTGRESQL, Component.KAFKA)
                .start();
        System.out.println("pids " + stack.pid(Component.POSTGRESQL).orElseThrow() + " "
                + stack.pid(Component.KAFKA).orElseThrow());
        new CountDownLatch(1).await();
    }
}
