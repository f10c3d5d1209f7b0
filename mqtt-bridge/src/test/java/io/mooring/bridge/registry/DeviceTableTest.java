package io.mooring.bridge.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.bridge.registry.DeviceEntry.State;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DeviceTableTest {
    private static final int MANY = 1_000_000;

    private static Set<Fingerprint> certificates(int count, long seed) {
        Set<Fingerprint> certificates = new HashSet<>();
        for (int i = 0; i < count; i++) {
            certificates.add(new Fingerprint(seed, i));
        }
        return certificates;
    }

    /** Like a map, whatever is put and removed: few devices, so that they meet; more than the first places hold. */
    @Property(tries = 300)
    void saysWhatWasSaidLast(@ForAll @Size(max = 400) List<@IntRange(max = 1_000_000) Integer> steps) {
        DeviceTable table = new DeviceTable(10_000);
        Map<String, DeviceEntry> expected = new HashMap<>();
        for (int step : steps) {
            String device = "D" + step % 97;
            if (step % 5 == 0) {
                assertThat(table.remove(device)).isEqualTo(expected.remove(device) != null);
            } else {
                DeviceEntry entry = new DeviceEntry(
                        device,
                        "cloud" + step % 3,
                        "account" + step % 7,
                        "product" + step % 2,
                        State.values()[step % 3],
                        certificates(step % 6, step));
                assertThat(table.put(entry)).isTrue();
                expected.put(device, entry);
            }
        }
        assertThat(table.size()).isEqualTo(expected.size());
        for (int i = 0; i < 97; i++) {
            assertThat(table.find("D" + i).orElse(null)).isEqualTo(expected.get("D" + i));
        }
    }

    /** Removing in linear probing moves others; in one small part all places meet. */
    @Property(tries = 300)
    void keepsTheOthersReachableWhenOneIsRemoved(@ForAll @Size(max = 200) List<@IntRange(max = 60) Integer> steps) {
        TableShard shard = new TableShard(new Owners());
        Set<Integer> expected = new HashSet<>();
        for (int step : steps) {
            // Four homes for all of them.
            Fingerprint id = new Fingerprint(step, (long) (step % 4) << 62);
            if (expected.contains(step)) {
                assertThat(shard.remove(id)).isTrue();
                expected.remove(step);
            } else {
                shard.put(id, new DeviceEntry("D" + step, "c", "a", "p", State.ACTIVE, Set.of()));
                expected.add(step);
            }
        }
        for (int i = 0; i <= 60; i++) {
            Fingerprint id = new Fingerprint(i, (long) (i % 4) << 62);
            assertThat(shard.contains(id)).isEqualTo(expected.contains(i));
        }
    }

    @Test
    void givesTheNumbersOfOwnersWithoutDevicesOutAgain() {
        Owners owners = new Owners();
        int first = owners.take("main", "a", "p");
        int second = owners.take("main", "b", "p");
        assertThat(owners.take("main", "a", "p")).isEqualTo(first);
        owners.giveBack(first);
        assertThat(owners.get(first)).isEqualTo(new Owners.Owner("main", "a", "p"));
        owners.giveBack(first);

        assertThat(owners.take("main", "c", "p")).isEqualTo(first);
        assertThat(owners.get(second)).isEqualTo(new Owners.Owner("main", "b", "p"));
        for (int i = 0; i < 1_000; i++) {
            assertThat(owners.get(owners.take("main", "n" + i, "p")).account()).isEqualTo("n" + i);
        }
    }

    /** The figures README.md gives. */
    @Test
    void holdsAMillionDevicesWithTwoCertificatesEachInAHundredMegabytes() {
        Random random = new Random(42);
        DeviceTable table = new DeviceTable(MANY);
        long before = usedHeap();
        long start = System.nanoTime();
        for (int i = 0; i < MANY; i++) {
            Set<Fingerprint> certificates = Set.of(
                    new Fingerprint(random.nextLong(), random.nextLong()),
                    new Fingerprint(random.nextLong(), random.nextLong()));
            table.put(new DeviceEntry(
                    "D%09d".formatted(i), "main", "account" + i % 1_000, "p", State.ACTIVE, certificates));
        }
        long millis = (System.nanoTime() - start) / 1_000_000;
        double measured = (usedHeap() - before) / (double) MANY;
        double said = table.bytes() / (double) MANY;
        System.out.printf(
                "%,d devices in %d ms: %.1f bytes each by the arrays, %.1f by the heap%n",
                MANY, millis, said, measured);

        assertThat(table.size()).isEqualTo(MANY);
        assertThat(said).isBetween(69.0, 104.5);
        assertThat(measured).isLessThan(112);
        assertThat(table.find("D000123456").orElseThrow().account()).isEqualTo("account456");
        assertThat(table.find("D000123456").orElseThrow().certificates()).hasSize(2);
        assertThat(table.find("stranger")).isEmpty();
    }

    private static long usedHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
