package io.mooring.bench.bridge;

/** What carries the messages. */
enum Way {
    /** The broker alone. */
    BROKER("broker alone"),
    /** The bridge by the public SDK. */
    SDK("bridge, sdk"),
    /** The bridge by its gate. */
    GATE("bridge, gate");

    private final String title;

    Way(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
