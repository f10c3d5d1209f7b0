package io.mooring.metrics.core;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, as their token proved.
 *
 * @param name an application's id, or {@code operator/NAME}
 * @param cloud the application's cloud; null for operators, who reach all
 * @param rights what an application may
 * @param reach with which devices
 */
public record Caller(String name, @Nullable String cloud, Set<String> rights, Reach reach) {
    /** See what devices measured. */
    public static final String READ = "read";

    /** Tell points in a device's stead. */
    public static final String WRITE = "write";

    public Caller {
        rights = Set.copyOf(rights);
    }

    /** Somebody of this installation's own people. */
    public static Caller operator(String name) {
        return new Caller("operator/" + name, null, Set.of(READ, WRITE), Reach.EVERYTHING);
    }

    /** Whether it is one of this installation's own people. */
    public boolean isOperator() {
        return cloud == null;
    }

    /** Whether they may do something in a cloud. */
    public boolean may(String right, String inCloud) {
        return rights.contains(right) && (cloud == null || cloud.equals(inCloud));
    }

    /** Whether they may see what an owner's series say. */
    public boolean sees(String inCloud, Owner owner, @Nullable String product) {
        return may(READ, inCloud)
                && switch (owner.kind()) {
                    case DEVICE -> reach.includes(owner.id(), product);
                    case PRODUCT -> reach.isEverything() || reach.products().contains(owner.id());
                    case CLOUD -> reach.isEverything();
                };
    }
}
