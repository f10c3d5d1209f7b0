package io.mooring.bridge.application;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WaitingRoomTest {
    @Test
    void leavesPlacesToOthers() {
        WaitingRoom room = new WaitingRoom(3, 2);

        assertThat(room.enter("guesser")).isTrue();
        assertThat(room.enter("guesser")).isTrue();
        assertThat(room.enter("guesser")).isFalse();
        assertThat(room.enter("other")).isTrue();
        assertThat(room.enter("third")).isFalse();

        room.leave("guesser");
        assertThat(room.enter("third")).isTrue();
        room.leave("guesser");
        room.leave("other");
        assertThat(room.enter("guesser")).isTrue();
        assertThat(room.enter("guesser")).isTrue();
        assertThat(room.enter("guesser")).isFalse();
    }
}
