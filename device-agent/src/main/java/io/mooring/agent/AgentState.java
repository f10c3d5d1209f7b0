package io.mooring.agent;

/** Where a device stands on its way into the cloud. */
public enum AgentState {
    /** Not started, or closed. */
    STOPPED,
    /** Asks to be registered, until a person or a rule claims it. */
    REGISTERING,
    /** Claimed; asks for its certificate. */
    PROVISIONING,
    /** Has a certificate; is connecting or waits to. */
    CONNECTING,
    /** Connected; catches up with what it missed. */
    CATCHING_UP,
    /** Connected, and all that the cloud had when it connected is here. */
    READY,
    /** Kept off-line by its application. */
    OFFLINE
}
