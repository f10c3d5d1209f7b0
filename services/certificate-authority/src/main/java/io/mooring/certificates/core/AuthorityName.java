package io.mooring.certificates.core;

/** The authorities of an installation: a root, one issuing authority for each cloud, one for servers. */
public sealed interface AuthorityName {
    /** Signs issuing authorities, nothing else. */
    record Root() implements AuthorityName {}

    /** Signs the servers' certificates. */
    record Servers() implements AuthorityName {}

    /** Signs the devices' certificates of one cloud. */
    record Cloud(String cloud) implements AuthorityName {}

    /** The kind, as kept in the database. */
    default String kind() {
        return switch (this) {
            case Root() -> "root";
            case Servers() -> "servers";
            case Cloud(String cloud) -> "cloud";
        };
    }

    /** The cloud it belongs to, or nothing for the others. */
    default String cloudOrEmpty() {
        return this instanceof Cloud(String cloud) ? cloud : "";
    }
}
