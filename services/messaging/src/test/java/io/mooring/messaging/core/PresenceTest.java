package io.mooring.messaging.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.messaging.core.Presence.Connected;
import io.mooring.messaging.core.Presence.Left;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PresenceTest {
    private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");
    private static final Presence NOBODY = new Presence(false, START, START, START, false, null, null, null, null);

    private static Instant at(int seconds) {
        return START.plusSeconds(seconds);
    }

    private static Connected connected(int at, String node, String session) {
        return new Connected(at(at), node, session, "192.0.2.1", "mqtt/5");
    }

    private static Presence after(List<Presence.Heard> heard) {
        @Nullable Presence presence = null;
        for (Presence.Heard one : heard) {
            Optional<Presence> next = Presence.after(presence, one);
            if (next.isPresent()) {
                presence = next.get();
            }
        }
        return presence == null ? NOBODY : presence;
    }

    @Test
    void followsADeviceThatMovesWhateverNodeIsHeardFirst() {
        Presence moved = after(List.of(
                connected(1, "a", "s1"), connected(5, "b", "s2"), new Left(at(5), "a", "s1"), connected(1, "a", "s1")));

        assertThat(moved.connected()).isTrue();
        assertThat(moved.node()).isEqualTo("b");
        assertThat(moved.since()).isEqualTo(at(5));
    }

    @Test
    void endsOnlyByTheEndOfItsConnection() {
        Presence gone = after(List.of(connected(1, "a", "s1"), new Left(at(9), "a", "s1")));

        assertThat(gone.connected()).isFalse();
        assertThat(gone.lastSeen()).isEqualTo(at(9));
    }

    @Test
    void comesBackWithItsNodeUnlessItLeftMeanwhile() {
        Presence silenced = new Presence(true, at(1), at(1), at(1), false, "a", "s1", null, null).silenced(at(30));

        assertThat(silenced.connected()).isFalse();
        assertThat(silenced.back(at(60)).connected()).isTrue();
        assertThat(silenced.back(at(60)).since()).isEqualTo(at(1));
        assertThat(Presence.after(silenced, new Left(at(40), "a", "s1")))
                .hasValueSatisfying(left -> assertThat(left.silenced()).isFalse());
    }

    @Property(tries = 500)
    void hearingEverythingTwiceChangesNothing(@ForAll List<Boolean> comings) {
        List<Presence.Heard> once = new ArrayList<>();
        int time = 0;
        for (boolean comes : comings) {
            time++;
            String session = "s" + (time / 2);
            once.add(comes ? connected(time, "a", session) : new Left(at(time), "a", session));
        }
        List<Presence.Heard> twice = new ArrayList<>();
        once.forEach(one -> twice.addAll(List.of(one, one)));

        assertThat(after(twice)).isEqualTo(after(once));
    }
}
