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
}
