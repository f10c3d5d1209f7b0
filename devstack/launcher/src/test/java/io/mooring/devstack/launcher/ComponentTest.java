package io.mooring.devstack.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ComponentTest {
    @Test
    void bringsAllThatItNeeds() {
        assertThat(Component.withNeeds(Set.of(Component.BROKER)))
                .containsExactly(
                        Component.POSTGRESQL, Component.KAFKA, Component.CERTIFICATE_AUTHORITY, Component.BROKER);
    }

    @Test
    void isKnownByItsLabel() {
        for (Component component : Component.values()) {
            assertThat(Component.ofLabel(component.label())).contains(component);
        }
        assertThat(Component.ofLabel("toaster")).isEmpty();
    }

    @Test
    void stopsExactlyOnce() {
        assertThat(Component.STOPS.stream().flatMap(List::stream)).containsExactlyInAnyOrder(Component.values());
    }
}
