package io.mooring.messaging.access;

import io.mooring.messaging.core.Caller;

/** Who signed a request. */
public sealed interface Signer {
    /** A device, for itself alone. */
    record Device(String id, String cloud, String account) implements Signer {}

    /** An application, for what it reaches. */
    record Application(Caller caller) implements Signer {}

    /** As the trail names them. */
    default String label() {
        return switch (this) {
            case Device device -> device.id();
            case Application application -> application.caller().name();
        };
    }
}
