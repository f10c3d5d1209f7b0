package io.mooring.bridge.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveryWindowTest {
    @Test
    void isFullUntilSomethingIsAcknowledged() {
        DeliveryWindow window = new DeliveryWindow(2);
        window.sent();
        assertThat(window.isFull()).isFalse();
        window.sent();
        assertThat(window.isFull()).isTrue();

        window.settled();
        assertThat(window.isFull()).isFalse();
    }

    @Test
    void ignoresAcknowledgementsOfWhatItDidNotSee() {
        DeliveryWindow window = new DeliveryWindow(1);
        window.settled();
        window.settled();
        window.sent();

        assertThat(window.isFull()).isTrue();
    }

    @Test
    void neverFillsForWhoPromisesNoAcknowledgement() {
        DeliveryWindow window = new DeliveryWindow(1);
        window.stopCounting();
        window.sent();
        window.sent();
        assertThat(window.isFull()).isFalse();

        window.reset();
        window.sent();
        assertThat(window.isFull()).isTrue();
    }

    @Test
    void isSilentWhileNothingIsAnsweredThatWasHandedOverSinceTheDeviceCame() {
        DeliveryWindow window = new DeliveryWindow(9);
        assertThat(window.isSilent(-1)).isFalse();
        window.sent();
        window.sent();
        assertThat(window.isSilent(-1)).isTrue();
        assertThat(window.isSilent(Long.MAX_VALUE)).isFalse();

        // One may have been dropped by the broker: the other's answer is enough.
        window.settled();
        assertThat(window.isSilent(-1)).isFalse();
        window.sent();
        assertThat(window.isSilent(-1)).isTrue();
        window.resumed();
        assertThat(window.isSilent(-1)).isFalse();
        window.stopCounting();
        window.sent();
        assertThat(window.isSilent(-1)).isFalse();
    }

    @Test
    void isSilentAlsoIfItIsFullWhenTheDeviceComes() {
        DeliveryWindow window = new DeliveryWindow(1);
        window.sent();
        window.resumed();
        assertThat(window.isSilent(-1)).isTrue();

        window.settled();
        assertThat(window.isSilent(-1)).isFalse();
    }
}
