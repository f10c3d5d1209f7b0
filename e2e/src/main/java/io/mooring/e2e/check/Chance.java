package io.mooring.e2e.check;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Where all choices of a run come from. Each actor has a stream of its own, made of the seed and the actor's name, so what
 * one chooses does not depend on how far another has come.
 */
final class Chance {
    private final long seed;
    private final SplittableRandom random;

    Chance(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    /** The stream of an actor. */
    Chance of(String actor) {
        long mixed = seed;
        for (int i = 0; i < actor.length(); i++) {
            mixed = mixed * 0x9E3779B97F4A7C15L + actor.charAt(i);
        }
        return new Chance(mixed ^ (mixed >>> 29));
    }

    /** From {@code least} to {@code most}, both included. */
    int between(int least, int most) {
        return random.nextInt(least, most + 1);
    }

    long between(long least, long most) {
        return random.nextLong(least, most + 1);
    }

    /** Whether something happens that does so in {@code percent} of all cases. */
    boolean percent(int percent) {
        return random.nextInt(100) < percent;
    }

    double share() {
        return random.nextDouble();
    }

    <T> T oneOf(List<T> things) {
        return things.get(random.nextInt(things.size()));
    }

    /** A waiting time: mostly short, now and then long, {@code mean} ms in the middle. */
    long pauseMillis(long mean) {
        return Math.min(mean * 6, Math.round(-Math.log(1 - random.nextDouble()) * mean));
    }
}
