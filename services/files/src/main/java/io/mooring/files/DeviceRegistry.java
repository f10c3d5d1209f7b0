package io.mooring.files;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which devices are active, whose, and since when, as the registry's topic said last. Asks nobody, so it answers while
 * everything else is away.
 *
 * <p>Memory: an open-addressed table of primitives, 20 bytes a slot, at least 4 of 10 slots used once it has grown: some
 * 50 MB for a million devices, active or not, while it grows half as much again.
 */
@ApplicationScoped
public class DeviceRegistry {
    /** A device has changed its state so short ago that the registry may not have heard of it. */
    private static final Duration LAG = Duration.ofSeconds(30);

    private static final int ID_LENGTH = 10;
    private static final int RADIX = 36;
    private static final int SMALLEST = 1024;

    /** Of a device whose entry is older than the field: it has kept its state ever since. */
    private static final long ALWAYS = -1;

    /** The owner of a device that is not active. */
    private static final int NOBODY = -1;

    /** What is known of the device that a key was given to. */
    public enum Standing {
        /** It is the one that got it. */
        SAME,
        /** It is blocked, released, or another's by now. */
        REVOKED,
        /** It may have become active this very moment; ask again. */
        NOT_KNOWN_YET
    }

    /** Ids as numbers plus one; 0 is an empty slot. */
    private long[] ids = new long[SMALLEST];

    private long[] sinceMillis = new long[SMALLEST];
    private int[] owners = new int[SMALLEST];
    private int used;
    private int active;

    private volatile boolean complete;

    private final Map<Owner, Integer> ownerNumbers = new HashMap<>();
    private final List<Owner> ownersByNumber = new ArrayList<>();

    private record Owner(String cloud, String account) {}

    /** Whether a device can be one: 10 upper-case letters and digits (device protocol, section 1.1). */
    public static boolean isDeviceId(String id) {
        return id.length() == ID_LENGTH && id.chars().allMatch(c -> c >= 'A' && c <= 'Z' || c >= '0' && c <= '9');
    }

    /** A device is active; empty for an entry from before the registry said since when. */
    public synchronized void put(String device, String cloud, String account, Optional<Instant> since) {
        Integer owner = ownerNumbers.computeIfAbsent(new Owner(cloud, account), fresh -> {
            ownersByNumber.add(fresh);
            return ownersByNumber.size() - 1;
        });
        put(number(device), since.map(Instant::toEpochMilli).orElse(ALWAYS), owner);
    }

    private void put(long id, long since, int owner) {
        if ((used + 1) * 10L > ids.length * 7L) {
            grow();
        }
        set(id, since, owner);
    }

    /** A device is not active since then. */
    public synchronized void deactivate(String device, Instant since) {
        put(number(device), since.toEpochMilli(), NOBODY);
    }

    /** A device is none any more, or it cannot be told what it is. */
    public synchronized void remove(String device) {
        put(number(device), Long.MAX_VALUE, NOBODY);
    }

    /** How a device stands that got a key when it was somebody's, in its state since then. */
    public synchronized Standing standing(String device, String cloud, String account, Instant since, Instant now) {
        int slot = isDeviceId(device) ? find(number(device)) : -1;
        boolean known = slot >= 0
                && owners[slot] != NOBODY
                && ownersByNumber.get(owners[slot]).equals(new Owner(cloud, account))
                && (sinceMillis[slot] == since.toEpochMilli() || sinceMillis[slot] == ALWAYS);
        if (known) {
            return Standing.SAME;
        }
        boolean later = slot < 0 || sinceMillis[slot] < since.toEpochMilli();
        return later && since.isAfter(now.minus(LAG)) ? Standing.NOT_KNOWN_YET : Standing.REVOKED;
    }

    /** All that was said when we started has been heard. */
    public void completed() {
        complete = true;
    }

    /** Whether all that was said when we started has been heard; before that, nobody's standing is certain. */
    public boolean isComplete() {
        return complete;
    }

    /** How many devices are active. */
    public synchronized int size() {
        return active;
    }

    private void set(long id, long since, int owner) {
        int mask = ids.length - 1;
        int slot = slot(id, mask);
        while (ids[slot] != 0 && ids[slot] != id) {
            slot = slot + 1 & mask;
        }
        if (ids[slot] == 0) {
            used++;
        } else if (owners[slot] != NOBODY) {
            active--;
        }
        if (owner != NOBODY) {
            active++;
        }
        ids[slot] = id;
        sinceMillis[slot] = since;
        owners[slot] = owner;
    }

    private int find(long id) {
        int mask = ids.length - 1;
        for (int slot = slot(id, mask); ids[slot] != 0; slot = slot + 1 & mask) {
            if (ids[slot] == id) {
                return slot;
            }
        }
        return -1;
    }

    private void grow() {
        long[] formerIds = ids;
        long[] formerSince = sinceMillis;
        int[] formerOwners = owners;
        ids = new long[formerIds.length * 2];
        sinceMillis = new long[ids.length];
        owners = new int[ids.length];
        used = 0;
        active = 0;
        for (int i = 0; i < formerIds.length; i++) {
            if (formerIds[i] != 0) {
                set(formerIds[i], formerSince[i], formerOwners[i]);
            }
        }
    }

    private static int slot(long id, int mask) {
        long mixed = id * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) & mask;
    }

    private static long number(String device) {
        return Long.parseLong(device, RADIX) + 1;
    }
}
