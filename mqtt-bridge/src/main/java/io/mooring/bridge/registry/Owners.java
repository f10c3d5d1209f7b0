package io.mooring.bridge.registry;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Each triple of cloud, account and product once, by number: a million devices have few owners. Numbers of owners that no device
 * has any more are given out again. Changed by one thread; {@link #get} may be called by any that holds the lock under
 * which the number was stored, so that it cannot be given out again meanwhile.
 */
final class Owners {
    /** Whose devices are. */
    record Owner(String cloud, String account, String product) {}

    /** A number takes this many bits at most. */
    static final int BITS = 26;

    private final Map<Owner, Integer> numbers = new HashMap<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private volatile @Nullable Owner[] owners = new @Nullable Owner[16];
    private int[] devices = new int[16];
    private int used;

    /** The number of an owner, which has one device more from now on. */
    int take(String cloud, String account, String product) {
        Owner owner = new Owner(cloud, account, product);
        Integer known = numbers.get(owner);
        int number = known == null ? add(owner) : known;
        devices[number]++;
        return number;
    }

    private int add(Owner owner) {
        Integer again = free.poll();
        int number = again == null ? used++ : again;
        if (number >>> BITS != 0) {
            throw new IllegalStateException("more than 2^" + BITS + " accounts and products");
        }
        @Nullable Owner[] all = owners;
        if (number == all.length) {
            all = Arrays.copyOf(all, 2 * number);
            devices = Arrays.copyOf(devices, 2 * number);
        }
        all[number] = owner;
        owners = all;
        numbers.put(owner, number);
        return number;
    }

    /** An owner has one device less. */
    void giveBack(int number) {
        if (--devices[number] == 0) {
            numbers.remove(get(number));
            free.add(number);
        }
    }

    Owner get(int number) {
        Owner owner = owners[number];
        if (owner == null) {
            throw new IllegalStateException("no owner has the number " + number);
        }
        return owner;
    }
}
