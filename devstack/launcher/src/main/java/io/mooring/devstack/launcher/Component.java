package io.mooring.devstack.launcher;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A process of the cloud. Declared in the order of starting: whoever is needed comes first. */
public enum Component {
    POSTGRESQL(List.of()),
    KAFKA(List.of()),
    CONNECT(List.of(KAFKA)),
    CERTIFICATE_AUTHORITY(List.of(POSTGRESQL)),
    PROVISIONING(List.of(POSTGRESQL, CERTIFICATE_AUTHORITY)),
    SYNC(List.of(POSTGRESQL, KAFKA, CONNECT)),
    MESSAGING(List.of(POSTGRESQL, KAFKA, CERTIFICATE_AUTHORITY, SYNC)),
    METRICS(List.of(POSTGRESQL, KAFKA, CERTIFICATE_AUTHORITY)),
    LOGS(List.of(POSTGRESQL, KAFKA, CERTIFICATE_AUTHORITY)),
    FILES(List.of(KAFKA, CERTIFICATE_AUTHORITY)),
    AUDIT(List.of(POSTGRESQL, KAFKA, CERTIFICATE_AUTHORITY)),
    BROKER(List.of(KAFKA, CERTIFICATE_AUTHORITY));

    /** In which order they stop: whoever is at the edge first, then those who decide, then what keeps. */
    static final List<List<Component>> STOPS = List.of(
            List.of(BROKER),
            List.of(MESSAGING, METRICS, LOGS, SYNC, FILES, PROVISIONING, CERTIFICATE_AUTHORITY, CONNECT),
            // After all that it hears of.
            List.of(AUDIT),
            List.of(KAFKA, POSTGRESQL));

    /** Those that can record traces (docs/operations.md, Traces). */
    public static final Set<Component> TRACING = Collections.unmodifiableSet(EnumSet.of(BROKER, SYNC, MESSAGING));

    private final List<Component> needs;

    Component(List<Component> needs) {
        this.needs = needs;
    }

    /** The name people use: {@code certificate-authority}. Also of the log file and the data folder. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The component of this label; empty if there is none. */
    public static Optional<Component> ofLabel(String label) {
        for (Component component : values()) {
            if (component.label().equals(label)) {
                return Optional.of(component);
            }
        }
        return Optional.empty();
    }

    /** These, and all that they need. */
    static Set<Component> withNeeds(Collection<Component> wanted) {
        EnumSet<Component> all = EnumSet.noneOf(Component.class);
        for (Component component : wanted) {
            all.add(component);
            all.addAll(withNeeds(component.needs));
        }
        return all;
    }
}
