package io.mooring.bridge.registry;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * All devices, in little memory: open addressing over arrays of numbers, 52 bytes a place, so 70 to 104 bytes a device
 * (see {@link TableShard}). Changed by one thread, read by any.
 *
 * <p>A device is found by the first 128 bits of a SHA-256 over a random key of this process and its id; the id itself
 * is not kept. Two of a million devices share these bits with odds of 1 in 10^27, and since nobody knows the key, none
 * can be made to.
 */
final class DeviceTable {
    private static final int SHARD_BITS = 6;
    private static final int KEY_BYTES = 32;

    private final int most;
    private final byte[] key = new byte[KEY_BYTES];
    private final Owners owners = new Owners();
    private final TableShard[] shards = new TableShard[1 << SHARD_BITS];
    private final ThreadLocal<MessageDigest> digests = ThreadLocal.withInitial(DeviceTable::digest);
    private volatile int size;

    /**
     * Makes an empty one.
     *
     * @param most how many devices it holds at most
     */
    DeviceTable(int most) {
        this.most = most;
        new SecureRandom().nextBytes(key);
        for (int i = 0; i < shards.length; i++) {
            shards[i] = new TableShard(owners);
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** What is known of a device. */
    Optional<DeviceEntry> find(String device) {
        Fingerprint id = id(device);
        return Optional.ofNullable(shard(id).find(id, device));
    }

    /**
     * Keeps what is said of a device, in place of what was said before.
     *
     * @return false if it is full, and the device not among those it holds
     */
    boolean put(DeviceEntry entry) {
        Fingerprint id = id(entry.device());
        TableShard shard = shard(id);
        boolean isNew = !shard.contains(id);
        if (isNew && size >= most) {
            return false;
        }
        shard.put(id, entry);
        size += isNew ? 1 : 0;
        return true;
    }

    /** Forgets a device; false if it was not there. */
    boolean remove(String device) {
        Fingerprint id = id(device);
        boolean removed = shard(id).remove(id);
        size -= removed ? 1 : 0;
        return removed;
    }

    /** How many devices are known. */
    int size() {
        return size;
    }

    /** What the arrays take, in bytes. */
    long bytes() {
        long bytes = 0;
        for (TableShard shard : shards) {
            bytes += shard.bytes();
        }
        return bytes;
    }

    private TableShard shard(Fingerprint id) {
        return shards[(int) (id.high() >>> (Long.SIZE - SHARD_BITS))];
    }

    private Fingerprint id(String device) {
        MessageDigest digest = digests.get();
        digest.update(key);
        for (int i = 0; i < device.length(); i++) {
            char c = device.charAt(i);
            digest.update((byte) (c >>> Byte.SIZE));
            digest.update((byte) c);
        }
        return Fingerprint.of(digest.digest());
    }
}
