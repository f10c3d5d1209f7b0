package io.mooring.devstack.launcher;

/**
 * A detour: one component reaches another through somebody who stands in between and forwards, such as a test that cuts
 * the network.
 *
 * @param from who is sent that way
 * @param to whom it wants to reach: {@link Component#POSTGRESQL} or {@link Component#KAFKA}
 * @param at the port on loopback where whoever stands in between listens
 * @param behind the port to forward to: PostgreSQL's own; of Kafka, which tells its clients where to come, a further
 *     one that nobody uses
 */
public record Route(Component from, Component to, int at, int behind) {
    public Route {
        if (to != Component.POSTGRESQL && to != Component.KAFKA) {
            throw new IllegalArgumentException("there is no detour to " + to.label());
        }
    }
}
