package io.mooring.audit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipTest {
    private static final int MOST = 1 << 20;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 70_000})
    void packsWhatEverybodyUnpacks(int size) throws IOException {
        byte[] plain = bytes(size);
        byte[] packed = Gzip.pack(plain);

        assertThat(new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes())
                .isEqualTo(plain);
        assertThat(Gzip.unpack(packed, MOST)).isEqualTo(plain);
    }

    @Test
    void refusesWhateverByteIsChangedOrMissing() {
        byte[] packed = Gzip.pack(bytes(300));
        for (int i = 0; i < packed.length; i++) {
            int at = i;
            // The time, the extra flags and the system are what nobody reads.
            if (i < 4 || i >= 10) {
                byte[] flipped = packed.clone();
                flipped[i] ^= 1;
                assertThatThrownBy(() -> Gzip.unpack(flipped, MOST))
                        .as("byte %d", i)
                        .isInstanceOf(IOException.class);
            }
            assertThatThrownBy(() -> Gzip.unpack(Arrays.copyOf(packed, at), MOST))
                    .as("cut at %d", i)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void expandsNoBomb() {
        assertThatThrownBy(() -> Gzip.unpack(Gzip.pack(new byte[MOST + 1]), MOST))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expands to more");
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
