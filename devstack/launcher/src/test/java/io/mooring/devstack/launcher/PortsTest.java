package io.mooring.devstack.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void namesWhatIsTaken() throws Exception {
        Ports free = Ports.free();
        assertThat(free.taken(Set.of(Component.values()))).isEmpty();

        try (ServerSocket other = new ServerSocket(free.provisioning(), 1, InetAddress.getLoopbackAddress())) {
            assertThat(free.taken(Set.of(Component.values())))
                    .containsExactly(other.getLocalPort() + " (provisioning)");
            assertThat(free.taken(Set.of(Component.KAFKA))).isEmpty();
        }
    }

    /** Two clouds of one process may not listen yet when the third is put together. */
    @Test
    void areGivenToNobodyTwice() {
        List<Integer> given = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            given.add(Ports.anyFree());
        }

        assertThat(given).doesNotHaveDuplicates();
    }

    @Test
    void moveTogether() {
        assertThat(Ports.standard(100).api()).isEqualTo(7543);
        assertThat(Ports.standard(0).of(Component.BROKER)).isEqualTo(7883);
    }
}
