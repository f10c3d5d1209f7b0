package io.mooring.bridge.application;

import java.util.HashMap;
import java.util.Map;

/**
 * How many clients wait at once for what is not known of them yet, in all and of one address: whoever guesses tokens must
 * not take the places of those whose token is about to be heard of.
 */
final class WaitingRoom {
    private final int places;
    private final int placesOfSource;
    private final Map<String, Integer> waiting = new HashMap<>();
    private int all;

    WaitingRoom(int places, int placesOfSource) {
        this.places = places;
        this.placesOfSource = placesOfSource;
    }

    /** Takes a place; false if there is none. */
    synchronized boolean enter(String source) {
        int own = waiting.getOrDefault(source, 0);
        if (all >= places || own >= placesOfSource) {
            return false;
        }
        waiting.put(source, own + 1);
        all++;
        return true;
    }

    /** Gives a place back. */
    synchronized void leave(String source) {
        waiting.computeIfPresent(source, (one, count) -> count == 1 ? null : count - 1);
        all--;
    }
}
