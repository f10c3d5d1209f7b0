package io.mooring.messaging.core;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a device is connected, and where.
 *
 * @param since since when it is, or is not
 * @param lastSeen when it was last known to be there
 * @param began when its last connection began
 * @param silenced whether that is only believed to be over, since its node says nothing any more
 * @param node the broker node of its last connection
 * @param session that connection
 * @param address where it came from
 * @param protocol such as {@code mqtt/5}
 */
public record Presence(
        boolean connected,
        Instant since,
        Instant lastSeen,
        Instant began,
        boolean silenced,
        @Nullable String node,
        @Nullable String session,
        @Nullable String address,
        @Nullable String protocol) {

    /** What a broker node says of a device. */
    public sealed interface Heard {}

    /** It connected. */
    public record Connected(
            Instant at,
            String node,
            String session,
            @Nullable String address,
            @Nullable String protocol) implements Heard {}

    /** A connection of it ended. */
    public record Left(Instant at, String node, String session) implements Heard {}

    /**
     * What is known after something was heard; empty if it is nothing new. Nodes are heard of in any order among each
     * other: the latest connection stands, and only its own end ends it.
     */
    public static Optional<Presence> after(@Nullable Presence before, Heard heard) {
        return switch (heard) {
            case Connected connected -> {
                boolean old = before != null && before.began().isAfter(connected.at());
                boolean same = before != null
                        && before.connected()
                        && connected.session().equals(before.session())
                        && connected.node().equals(before.node());
                yield old || same
                        ? Optional.empty()
                        : Optional.of(new Presence(
                                true,
                                connected.at(),
                                connected.at(),
                                connected.at(),
                                false,
                                connected.node(),
                                connected.session(),
                                connected.address(),
                                connected.protocol()));
            }
            case Left left -> {
                if (before == null) {
                    yield Optional.of(new Presence(
                            false, left.at(), left.at(), left.at(), false, left.node(), left.session(), null, null));
                }
                boolean its = (before.connected() || before.silenced())
                        && left.node().equals(before.node())
                        && (left.session().equals(before.session())
                                || (left.session().isEmpty() && !before.began().isAfter(left.at())));
                yield its ? Optional.of(before.gone(left.at())) : Optional.empty();
            }
        };
    }

    /** The same, not connected any more. */
    public Presence gone(Instant at) {
        return new Presence(false, at, at, began, false, node, session, address, protocol);
    }

    /** The same, believed not to be connected any more, since its node says nothing. */
    public Presence silenced(Instant at) {
        return new Presence(false, at, at, began, true, node, session, address, protocol);
    }

    /** The same, its node being there after all. */
    public Presence back(Instant at) {
        return new Presence(true, began, at, began, false, node, session, address, protocol);
    }
}
