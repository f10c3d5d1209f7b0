package io.mooring.certificates.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When lists are made and authorities followed. */
class RulesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final AuthorityName CLOUD = new AuthorityName.Cloud("main");
    private static final CrlRules LISTS = new CrlRules(Duration.ofHours(1), Duration.ofHours(24), Duration.ofDays(100));

    @Test
    void makesTheFirstListAtOnce() {
        assertThat(LISTS.due(CLOUD, new CrlState(0, Instant.EPOCH, 0, 0), NOW)).isEqualTo(CrlRules.Due.SCHEDULED);
    }

    @Test
    void makesAListWhenSomethingWasRevokedAndWhenItIsTime() {
        Instant recently = NOW.minus(Duration.ofMinutes(59));
        Instant before = NOW.minus(Duration.ofMinutes(60));

        assertThat(LISTS.due(CLOUD, new CrlState(7, recently, 3, 3), NOW)).isEqualTo(CrlRules.Due.NOT);
        assertThat(LISTS.due(CLOUD, new CrlState(7, recently, 4, 3), NOW)).isEqualTo(CrlRules.Due.CHANGED);
        assertThat(LISTS.due(CLOUD, new CrlState(7, before, 3, 3), NOW)).isEqualTo(CrlRules.Due.SCHEDULED);
    }

    @Test
    void renewsTheRootsListAtHalfItsLife() {
        CrlState young = new CrlState(1, NOW.minus(Duration.ofDays(49)), 0, 0);
        CrlState old = new CrlState(1, NOW.minus(Duration.ofDays(50)), 0, 0);

        assertThat(LISTS.due(new AuthorityName.Root(), young, NOW)).isEqualTo(CrlRules.Due.NOT);
        assertThat(LISTS.due(new AuthorityName.Root(), old, NOW)).isEqualTo(CrlRules.Due.SCHEDULED);
    }

    @Test
    void refusesAListThatEndsBeforeTheNext() {
        assertThatThrownBy(() -> new CrlRules(Duration.ofHours(2), Duration.ofHours(2), Duration.ofDays(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hasAnAuthorityFollowedAfterAShareOfItsLife() {
        Validity life = new Validity(NOW, NOW.plus(Duration.ofDays(100)));

        assertThat(rules(0.7).isDue(life, NOW.plus(Duration.ofDays(69)))).isFalse();
        assertThat(rules(0.7).isDue(life, NOW.plus(Duration.ofDays(70)))).isTrue();
        assertThatThrownBy(() -> rules(1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static AuthorityRules rules(double share) {
        return new AuthorityRules(
                KeyAlgorithm.P256,
                KeyAlgorithm.P256,
                Duration.ofDays(7300),
                Duration.ofDays(3650),
                Duration.ofMinutes(5),
                share,
                Duration.ofSeconds(30));
    }
}
