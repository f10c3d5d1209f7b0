package io.mooring.e2e.check;

import io.mooring.devstack.launcher.Component;
import java.util.List;

/** Kills processes and disturbs lines, one after the other and some at once. */
final class Troubles {
    private static final List<Component> VICTIMS = List.of(
            Component.POSTGRESQL,
            Component.KAFKA,
            Component.CONNECT,
            Component.CONNECT,
            Component.BROKER,
            Component.BROKER,
            Component.SYNC,
            Component.SYNC,
            Component.PROVISIONING,
            Component.CERTIFICATE_AUTHORITY);

    private final CheckedCloud cloud;
    private final History history;
    private final Chance chance;
    private final Actor actor;
    private volatile int kills;
    private volatile int cuts;
    private volatile String last = "";

    Troubles(CheckedCloud cloud, History history, Chance chance) {
        this.cloud = cloud;
        this.history = history;
        this.chance = chance;
        this.actor = new Actor("troubles", this::act);
    }

    void start() {
        actor.start();
    }

    void stop() throws InterruptedException {
        actor.stop();
    }

    int kills() {
        return kills;
    }

    int cuts() {
        return cuts;
    }

    /** What went wrong last, for people. */
    String last() {
        return last;
    }

    private void act() {
        if (actor.rest(chance.between(500L, 4_000L))) {
            return;
        }
        if (chance.percent(45)) {
            kill(chance.oneOf(VICTIMS));
            if (chance.percent(20)) {
                kill(chance.oneOf(VICTIMS));
            }
        } else {
            disturb();
        }
    }

    private void kill(Component victim) {
        if (!cloud.isReady(victim)) {
            return;
        }
        kills++;
        last = victim.label() + " killed";
        history.add("trouble", line -> line.put("what", "kill").put("whom", victim.label()));
        cloud.kill(victim);
    }

    private void disturb() {
        Link link = chance.oneOf(cloud.links());
        Link.Trouble what = chance.oneOf(List.of(Link.Trouble.values()));
        boolean all = chance.percent(60);
        double share = all ? 1 : chance.between(2, 8) / 10.0;
        long millis = chance.percent(15) ? chance.between(5_000L, 12_000L) : chance.between(200L, 4_000L);
        boolean breaks = what == Link.Trouble.HANG && chance.percent(50);
        cuts++;
        last = link.name() + " " + what.name().toLowerCase(java.util.Locale.ROOT);
        history.add(
                "trouble",
                line -> line.put("what", what.name().toLowerCase(java.util.Locale.ROOT))
                        .put("whom", link.name())
                        .put("share", share)
                        .put("forMs", millis));
        link.begin(what, share);
        actor.rest(millis);
        if (breaks) {
            link.begin(Link.Trouble.CUT, share);
        }
        link.heal();
    }
}
