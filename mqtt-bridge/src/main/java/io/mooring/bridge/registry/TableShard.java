package io.mooring.bridge.registry;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A part of the {@link DeviceTable}: linear probing, grown by half when three quarters full. A place is six longs (the
 * device's hash, and the fingerprints of two certificates) and an int (its state, and its owner's number); zero is an
 * empty place. A device with more than two certificates, which is rare, has all of them in a map beside.
 */
final class TableShard {
    private static final int FIRST_PLACES = 16;
    private static final int LONGS = 6;
    private static final int INLINE = 2;

    private static final int STATE_BITS = 2;
    private static final int STATE_MASK = (1 << STATE_BITS) - 1;
    private static final int COUNT_BITS = 2;
    private static final int COUNT_MASK = (1 << COUNT_BITS) - 1;
    /** In place of a count: the certificates are in the map. */
    private static final int MANY = COUNT_MASK;

    private static final int OWNER_SHIFT = STATE_BITS + COUNT_BITS;
    private static final DeviceEntry.State[] STATES = DeviceEntry.State.values();

    private final Owners owners;
    private final Map<Fingerprint, Set<Fingerprint>> many = new HashMap<>();
    private long[] longs = new long[FIRST_PLACES * LONGS];
    private int[] notes = new int[FIRST_PLACES];
    private int size;

    TableShard(Owners owners) {
        this.owners = owners;
    }

    synchronized boolean contains(Fingerprint id) {
        return notes[place(id)] != 0;
    }

    synchronized @Nullable DeviceEntry find(Fingerprint id, String device) {
        int place = place(id);
        int note = notes[place];
        if (note == 0) {
            return null;
        }
        Owners.Owner owner = owners.get(note >>> OWNER_SHIFT);
        DeviceEntry.State state = STATES[(note & STATE_MASK) - 1];
        return new DeviceEntry(
                device, owner.cloud(), owner.account(), owner.product(), state, certificates(id, place, note));
    }

    private Set<Fingerprint> certificates(Fingerprint id, int place, int note) {
        int count = note >>> STATE_BITS & COUNT_MASK;
        if (count == MANY) {
            return many.getOrDefault(id, Set.of());
        }
        int at = place * LONGS + 2;
        return switch (count) {
            case 0 -> Set.of();
            case 1 -> Set.of(new Fingerprint(longs[at], longs[at + 1]));
            default -> Set.of(new Fingerprint(longs[at], longs[at + 1]), new Fingerprint(longs[at + 2], longs[at + 3]));
        };
    }

    synchronized void put(Fingerprint id, DeviceEntry entry) {
        int owner = owners.take(entry.cloud(), entry.account(), entry.product());
        int place = place(id);
        if (notes[place] != 0) {
            owners.giveBack(notes[place] >>> OWNER_SHIFT);
        } else {
            if (4 * (size + 1) > 3 * notes.length) {
                grow();
                place = place(id);
            }
            size++;
        }
        Set<Fingerprint> certificates = entry.certificates();
        boolean fits = certificates.size() <= INLINE;
        int at = place * LONGS;
        longs[at++] = id.high();
        longs[at++] = id.low();
        if (fits) {
            many.remove(id);
            for (Fingerprint certificate : certificates) {
                longs[at++] = certificate.high();
                longs[at++] = certificate.low();
            }
        } else {
            many.put(id, new HashSet<>(certificates));
        }
        notes[place] =
                entry.state().ordinal() + 1 | (fits ? certificates.size() : MANY) << STATE_BITS | owner << OWNER_SHIFT;
    }

    synchronized boolean remove(Fingerprint id) {
        int hole = place(id);
        if (notes[hole] == 0) {
            return false;
        }
        owners.giveBack(notes[hole] >>> OWNER_SHIFT);
        many.remove(id);
        size--;
        // Those behind it that a search would no longer reach move up.
        for (int at = next(hole); notes[at] != 0; at = next(at)) {
            int home = home(longs[at * LONGS + 1]);
            boolean reached = hole <= at ? hole < home && home <= at : hole < home || home <= at;
            if (!reached) {
                move(longs, notes, at, hole);
                hole = at;
            }
        }
        notes[hole] = 0;
        return true;
    }

    /** Where a device is, or would be put. */
    private int place(Fingerprint id) {
        int place = home(id.low());
        while (notes[place] != 0 && (longs[place * LONGS] != id.high() || longs[place * LONGS + 1] != id.low())) {
            place = next(place);
        }
        return place;
    }

    /** Where to begin to look for a device. */
    private int home(long hash) {
        return (int) ((hash >>> Integer.SIZE) * notes.length >>> Integer.SIZE);
    }

    private int next(int place) {
        return place + 1 == notes.length ? 0 : place + 1;
    }

    private void grow() {
        long[] oldLongs = longs;
        int[] oldNotes = notes;
        int places = oldNotes.length + oldNotes.length / 2;
        longs = new long[places * LONGS];
        notes = new int[places];
        for (int from = 0; from < oldNotes.length; from++) {
            if (oldNotes[from] != 0) {
                int at = from * LONGS;
                move(oldLongs, oldNotes, from, place(new Fingerprint(oldLongs[at], oldLongs[at + 1])));
            }
        }
    }

    private void move(long[] fromLongs, int[] fromNotes, int from, int to) {
        System.arraycopy(fromLongs, from * LONGS, longs, to * LONGS, LONGS);
        notes[to] = fromNotes[from];
    }

    /** What the arrays take, in bytes. */
    synchronized long bytes() {
        return (long) longs.length * Long.BYTES + (long) notes.length * Integer.BYTES;
    }
}
