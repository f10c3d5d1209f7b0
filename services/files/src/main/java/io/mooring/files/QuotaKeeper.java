package io.mooring.files;

import io.mooring.files.core.Owner;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.mooring.files.core.Usage;
import io.mooring.files.store.ObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keeps each device to its share. What a device has is counted in the store when it is first asked for, added to while
 * the device writes, and counted anew after some minutes or when it seems to have too much: replaced and deleted objects
 * are noticed only then. With several nodes each adds for itself, so a device may exceed its share by what it writes at
 * the others in that time.
 */
final class QuotaKeeper {
    private static final int MOST_DEVICES = 20_000;
    private static final Duration GOOD_FOR = Duration.ofMinutes(5);
    private static final Duration BEFORE_ANOTHER_COUNT = Duration.ofSeconds(5);

    private final ObjectStore store;
    private final long mostBytes;
    private final long mostObjects;
    private final Map<Owner, Account> accounts = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Owner, Account> eldest) {
            return size() > MOST_DEVICES;
        }
    };

    /** What one device has; locked while it is counted, so that it is counted once. */
    private static final class Account {
        private Usage usage = new Usage(0, 0);
        private long countedNanos;
        private boolean counted;
    }

    QuotaKeeper(ObjectStore store, long mostBytes, long mostObjects) {
        this.store = store;
        this.mostBytes = mostBytes;
        this.mostObjects = mostObjects;
    }

    /**
     * Takes room for what a device is about to write.
     *
     * @throws Refused if it would have too much
     */
    void take(Owner owner, long bytes, int objects, long nowNanos) throws IOException {
        Account account = account(owner);
        synchronized (account) {
            if (!account.counted || nowNanos - account.countedNanos > GOOD_FOR.toNanos()) {
                count(owner, account, nowNanos);
            }
            if (!fits(account.usage.plus(bytes, objects))
                    && nowNanos - account.countedNanos > BEFORE_ANOTHER_COUNT.toNanos()) {
                count(owner, account, nowNanos);
            }
            Usage after = account.usage.plus(bytes, objects);
            if (!fits(after)) {
                throw new Refused(
                        S3Error.QUOTA_EXCEEDED,
                        "a device may keep " + mostBytes + " bytes in " + mostObjects + " objects");
            }
            account.usage = after;
        }
    }

    /** Gives back what was taken and not written, or was deleted. */
    void give(Owner owner, long bytes, int objects) {
        Account account = account(owner);
        synchronized (account) {
            account.usage = account.usage.plus(-bytes, -objects);
        }
    }

    private boolean fits(Usage usage) {
        return usage.bytes() <= mostBytes && usage.objects() <= mostObjects;
    }

    private void count(Owner owner, Account account, long nowNanos) throws IOException {
        account.usage = store.usage(owner);
        account.countedNanos = nowNanos;
        account.counted = true;
    }

    private Account account(Owner owner) {
        synchronized (accounts) {
            return accounts.computeIfAbsent(owner, fresh -> new Account());
        }
    }
}
