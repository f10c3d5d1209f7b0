package io.mooring.chassis.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A token bucket for each of many: sources of requests, callers, products. Those not heard of for longest are
 * forgotten, so memory is bounded; a forgotten one starts with a full bucket.
 */
public final class TokenBuckets {
    /** The most that are remembered. */
    static final int MAX_BUCKETS = 20_000;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final int NETWORK_GROUPS = 4;

    private final double perSecond;
    private final int burst;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_BUCKETS;
        }
    };

    /** How much was left, and when. */
    private record Bucket(double left, long atNanos) {}

    public TokenBuckets(double perSecond, int burst) {
        this.perSecond = perSecond;
        this.burst = burst;
    }

    /** Whether somebody has any left. */
    public synchronized boolean hasLeft(String whose, long nowNanos) {
        return left(whose, nowNanos) >= 1;
    }

    /** Takes one; false if there is none left. */
    public synchronized boolean take(String whose, long nowNanos) {
        double left = left(whose, nowNanos);
        buckets.put(whose, new Bucket(left >= 1 ? left - 1 : left, nowNanos));
        return left >= 1;
    }

    /** How many are remembered. */
    synchronized int size() {
        return buckets.size();
    }

    private double left(String whose, long nowNanos) {
        Bucket bucket = buckets.get(whose);
        if (bucket == null) {
            return burst;
        }
        double refilled = (nowNanos - bucket.atNanos()) / NANOS_PER_SECOND * perSecond;
        return Math.min(burst, bucket.left() + refilled);
    }

    /**
     * The source that an address stands for: an IPv4 address, or the /64 of an IPv6 address, since whoever has one of these has
     * them all (RFC 4291, section 2.5.4). What is no address stands for itself.
     */
    public static String source(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        try {
            InetAddress literal = InetAddress.ofLiteral(address);
            return literal instanceof Inet6Address ? network(literal.getAddress()) : literal.getHostAddress();
        } catch (IllegalArgumentException notOne) {
            return address;
        }
    }

    private static String network(byte[] address) {
        ShortBuffer groups = ByteBuffer.wrap(address).asShortBuffer();
        return IntStream.range(0, NETWORK_GROUPS)
                .mapToObj(group -> Integer.toHexString(Short.toUnsignedInt(groups.get(group))))
                .collect(Collectors.joining(":"));
    }
}
