package io.mooring.messaging.core;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, as their token or certificate proved.
 *
 * @param name an application's id, or {@code operator/NAME}
 * @param cloud the application's cloud; null for operators, who reach all
 * @param rights what they may
 * @param reach with which devices
 */
public record Caller(String name, @Nullable String cloud, Set<Right> rights, Reach reach) {
    public Caller {
        rights = Set.copyOf(rights);
    }

    /** Somebody of this installation's own people. */
    public static Caller operator(String name) {
        return new Caller("operator/" + name, null, EnumSet.allOf(Right.class), Reach.EVERYTHING);
    }

    public boolean isOperator() {
        return cloud == null;
    }

    /** Whether they may do something in a cloud. */
    public boolean may(Right right, String inCloud) {
        return rights.contains(right) && (cloud == null || cloud.equals(inCloud));
    }

    /** Whether they may do something with a device. */
    public boolean may(Right right, String inCloud, String device, @Nullable String product) {
        return may(right, inCloud) && reach.includes(device, product);
    }
}
