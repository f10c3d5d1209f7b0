package io.mooring.metrics.export;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A request of Prometheus' remote write 1.0 (its specification, section "Protocol"): {@code WriteRequest} in Protocol Buffers,
 * which for these three messages is little more than lengths.
 */
final class RemoteWrite {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;

    private final ByteArrayOutputStream request = new ByteArrayOutputStream();
    private int samples;

    /**
     * Adds a series with one sample.
     *
     * @param name of the metric, any text
     * @param labels any texts; those that are no names for Prometheus become some
     * @param millis when, in ms since 1970
     */
    void add(String name, Map<String, String> labels, double value, long millis) {
        SortedMap<String, String> sorted = new TreeMap<>();
        labels.forEach((label, text) -> sorted.put(name(label, false), text));
        sorted.put("__name__", name(name, true));
        ByteArrayOutputStream series = new ByteArrayOutputStream();
        sorted.forEach((label, text) -> {
            ByteArrayOutputStream pair = new ByteArrayOutputStream();
            bytes(pair, 1, label.getBytes(StandardCharsets.UTF_8));
            bytes(pair, 2, text.getBytes(StandardCharsets.UTF_8));
            bytes(series, 1, pair.toByteArray());
        });
        ByteArrayOutputStream sample = new ByteArrayOutputStream();
        tag(sample, 1, FIXED64);
        fixed64(sample, Double.doubleToRawLongBits(value));
        tag(sample, 2, VARINT);
        varint(sample, millis);
        bytes(series, 2, sample.toByteArray());
        bytes(request, 1, series.toByteArray());
        samples++;
    }

    int samples() {
        return samples;
    }

    byte[] toByteArray() {
        return request.toByteArray();
    }

    /** {@code [a-zA-Z_][a-zA-Z0-9_]*}, of metrics with colons too (Prometheus, "Data model"). */
    static String name(String text, boolean colons) {
        String name = text.replaceAll(colons ? "[^a-zA-Z0-9_:]" : "[^a-zA-Z0-9_]", "_");
        return name.isEmpty() || Character.isDigit(name.charAt(0)) ? "_" + name : name;
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        tag(out, field, BYTES);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void tag(ByteArrayOutputStream out, int field, int type) {
        varint(out, (long) field << 3 | type);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static void fixed64(ByteArrayOutputStream out, long value) {
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            out.write((int) (value >>> shift));
        }
    }
}
