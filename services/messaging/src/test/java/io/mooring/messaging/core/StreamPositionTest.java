package io.mooring.messaging.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A position survives its text, and joining two loses nothing of either. */
class StreamPositionTest {
    private static final long LONGEST_OFFSET = 999_999_999_999_999_999L;

    @Property
    void isReadAsItWasWritten(@ForAll("positions") StreamPosition position) {
        assertThat(StreamPosition.parse(position.toString())).isEqualTo(Outcome.done(position));
    }

    @Property
    void isTheFurthestOfBothInEachPartition(
            @ForAll("positions") StreamPosition one, @ForAll("positions") StreamPosition other) {
        StreamPosition both = one.furthest(other);

        assertThat(both).isEqualTo(other.furthest(one));
        assertThat(both.furthest(one)).isEqualTo(both);
        for (EventKind kind : EventKind.values()) {
            both.places(kind)
                    .forEach((partition, next) -> assertThat(next)
                            .isEqualTo(Math.max(
                                    one.next(kind, partition).orElse(-1),
                                    other.next(kind, partition).orElse(-1))));
            assertThat(both.places(kind).keySet())
                    .containsAll(one.places(kind).keySet())
                    .containsAll(other.places(kind).keySet());
        }
    }

    @Property
    void keepsOnlyTheKindsAskedFor(@ForAll("positions") StreamPosition position, @ForAll Set<EventKind> kinds) {
        StreamPosition some = position.only(kinds);

        assertThat(kinds).containsAll(some.kinds());
        some.kinds().forEach(kind -> assertThat(some.places(kind)).isEqualTo(position.places(kind)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mooring.command.event.v1/0/12",
                "command",
                "command:",
                "command:0",
                "command:0=",
                "command:0=-1",
                "command:00=1",
                "command:0=1,0=2",
                "command:0=1;command:1=2",
                "command:0=1;",
                "weather:0=1",
                "command:0=1000000000000000000",
                "command:1000000000=1"
            })
    void isNothingElse(String text) {
        assertThat(StreamPosition.parse(text)).isInstanceOf(Outcome.Refused.class);
    }

    @Provide
    Arbitrary<StreamPosition> positions() {
        Arbitrary<StreamPosition> place = Combinators.combine(
                        Arbitraries.of(EnumSet.allOf(EventKind.class)),
                        Arbitraries.integers().between(0, 999_999_999),
                        Arbitraries.longs().between(0, LONGEST_OFFSET))
                .as(StreamPosition.NONE::at);
        return place.list()
                .ofMinSize(1)
                .ofMaxSize(30)
                .map(places -> places.stream().reduce(StreamPosition.NONE, StreamPosition::furthest));
    }
}
