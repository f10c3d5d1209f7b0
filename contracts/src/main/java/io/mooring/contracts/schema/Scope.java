package io.mooring.contracts.schema;

/** Whose the rows of a model are, and so which devices have them. */
public enum Scope {
    /** Each row is one device's own. */
    DEVICE,
    /** Each row is shared by the devices of an account. */
    ACCOUNT,
    /** Each row is shared by all devices of the cloud. */
    CLOUD
}
