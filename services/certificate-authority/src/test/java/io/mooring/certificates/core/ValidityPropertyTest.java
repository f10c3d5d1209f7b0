package io.mooring.certificates.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class ValidityPropertyTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Property
    void neverLeavesItsIssuersNorItsOwn(
            @ForAll @IntRange(min = 1, max = 10_000) int issuerHours,
            @ForAll @LongRange(min = -10_000, max = 20_000) long nowHours,
            @ForAll @IntRange(min = 1, max = 20_000) int lifetimeHours,
            @ForAll @IntRange(min = 0, max = 600) int backdateSeconds) {
        Validity issuer = new Validity(START, START.plus(Duration.ofHours(issuerHours)));
        Instant now = START.plus(Duration.ofHours(nowHours));
        Validity wanted = Validity.from(now, Duration.ofSeconds(backdateSeconds), Duration.ofHours(lifetimeHours));

        Optional<Validity> given = wanted.within(issuer, now);

        boolean issuerIsValid = !now.isBefore(issuer.notBefore()) && now.isBefore(issuer.notAfter());
        assertThat(given.isPresent()).isEqualTo(issuerIsValid);
        given.ifPresent(validity -> {
            assertThat(validity.notBefore()).isBetween(issuer.notBefore(), now);
            assertThat(validity.notAfter()).isAfter(now).isBeforeOrEqualTo(issuer.notAfter());
            assertThat(validity.notAfter()).isBeforeOrEqualTo(wanted.notAfter());
        });
    }
}
