package io.mooring.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenBucketsTest {
    private static final long SECOND = 1_000_000_000L;

    private final TokenBuckets limiter = new TokenBuckets(2, 3);

    @Test
    void letsABurstThroughAndThenARate() {
        assertThat(taken("10.0.0.1", 5, 0)).isEqualTo(3);
        assertThat(taken("10.0.0.1", 5, SECOND)).isEqualTo(2);
        assertThat(taken("10.0.0.1", 9, 100 * SECOND)).isEqualTo(3);
    }

    @Test
    void keepsSourcesApart() {
        assertThat(taken("10.0.0.1", 5, 0)).isEqualTo(3);
        assertThat(taken("10.0.0.2", 5, 0)).isEqualTo(3);
    }

    @Test
    void takesASubnetForOneSource() {
        assertThat(taken(source("2001:db8:0:1:0:0:0:1"), 2, 0)).isEqualTo(2);
        assertThat(taken(source("2001:db8:0:1:aaaa:bbbb:cccc:dddd"), 2, 0)).isOne();
        assertThat(taken(source("2001:db8:0:2:0:0:0:1"), 2, 0)).isEqualTo(2);
        assertThat(source("0:0:0:0:0:0:0:1")).isEqualTo("0:0:0:0");
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8:0:1:0:0:0:5, 2001:db8:0:1",
        "2001:db8:0:1::5, 2001:db8:0:1",
        "2001:DB8::1, 2001:db8:0:0",
        "::ffff:192.0.2.7, 192.0.2.7",
        "192.0.2.7, 192.0.2.7",
        "'', ''",
        "unknown, unknown",
        "no:address, no:address",
    })
    void readsAddressesHoweverTheyAreWritten(String address, String source) {
        assertThat(source(address)).isEqualTo(source);
    }

    @Test
    void looksWithoutTaking() {
        assertThat(limiter.hasLeft("10.0.0.1", 0)).isTrue();
        assertThat(limiter.hasLeft("10.0.0.1", 0)).isTrue();
        taken("10.0.0.1", 3, 0);
        assertThat(limiter.hasLeft("10.0.0.1", 0)).isFalse();
        assertThat(limiter.hasLeft("10.0.0.1", SECOND)).isTrue();
    }

    @Test
    void staysBounded() {
        for (int i = 0; i < 100_000; i++) {
            limiter.take("10." + (i >> 16 & 255) + "." + (i >> 8 & 255) + "." + (i & 255), 0);
        }
        assertThat(limiter.size()).isEqualTo(TokenBuckets.MAX_BUCKETS);
    }

    private static String source(String address) {
        return TokenBuckets.source(address);
    }

    private int taken(String address, int tries, long atNanos) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += limiter.take(address, atNanos) ? 1 : 0;
        }
        return taken;
    }
}
