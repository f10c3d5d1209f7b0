package io.mooring.certificates.core;

import java.util.List;

/** Whom a certificate is for. */
public sealed interface Purpose {
    /** The most names one server certificate may bear. */
    int MAX_NAMES = 32;

    /**
     * A device of a cloud.
     *
     * @param cloud the device cloud
     * @param id the device
     */
    record Device(String cloud, String id) implements Purpose {}

    /**
     * A server of the cloud, reached by these names.
     *
     * @param names one to {@value Purpose#MAX_NAMES}
     */
    record Server(List<ServerName> names) implements Purpose {
        public Server {
            names = List.copyOf(names);
        }
    }

    /**
     * Our own answering service (OCSP) for the certificates of one authority.
     *
     * @param authority the start of the authority's key identifier, as its name bears it
     */
    record Responder(String authority) implements Purpose {}

    /** What kind of holder: {@code device}, {@code server} or {@code responder}. */
    default String kind() {
        return switch (this) {
            case Device device -> "device";
            case Server server -> "server";
            case Responder responder -> "responder";
        };
    }

    /** The device cloud of a device, or nothing for the others. */
    default String cloudOrEmpty() {
        return this instanceof Device(String cloud, String id) ? cloud : "";
    }

    /** The name it is known by: the device's id, or the server's first name. */
    default String subject() {
        return switch (this) {
            case Device device -> device.id();
            case Server server -> server.names().getFirst().text();
            case Responder(String authority) -> "OCSP responder " + authority;
        };
    }
}
