package io.mooring.metrics.core;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, as their token or signature proved.
 *
 * @param kind what they are
 * @param name an application's or device's id, or {@code operator/NAME}
 * @param cloud the application's or device's cloud; null for operators, who reach all
 * @param rights what they may
 * @param reach with which devices
 */
public record Caller(Kind kind, String name, @Nullable String cloud, Set<String> rights, Reach reach) {
    /** See what devices measured. */
    public static final String READ = "read";

    /** Tell points of devices. */
    public static final String WRITE = "write";

    /** What callers there are; the audit trail knows them by {@link #type}. */
    public enum Kind {
        OPERATOR("Operator"),
        APPLICATION("Application"),
        DEVICE("Device");

        private final String type;

        Kind(String type) {
            this.type = type;
        }

        /** The {@code userIdentity.type} of a record of the audit trail. */
        public String type() {
            return type;
        }
    }

    public Caller {
        rights = Set.copyOf(rights);
    }

    /** Somebody of this installation's own people. */
    public static Caller operator(String name) {
        return new Caller(Kind.OPERATOR, "operator/" + name, null, Set.of(READ, WRITE), Reach.EVERYTHING);
    }

    /** A device, which may write for itself and for nobody else. */
    public static Caller device(String id, String cloud) {
        return new Caller(Kind.DEVICE, id, cloud, Set.of(WRITE), new Reach(Set.of(), Set.of(id)));
    }

    /** Whether it is one of this installation's own people. */
    public boolean isOperator() {
        return kind == Kind.OPERATOR;
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
