package io.mooring.logs.http;

import io.mooring.contracts.access.RequestDescription;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A request as it came over the wire. */
final class WireRequest {
    private WireRequest() {}

    /** As far as a signature covers it. */
    static RequestDescription describe(HttpServerRequest request, byte[] body) {
        HostAndPort authority = request.authority();
        return RequestDescription.of(
                request.method().name(),
                request.uri(),
                request.headers(),
                authority == null ? null : authority.toString(),
                body);
    }

    /** Lower-case hex. */
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Whether nobody can listen: by TLS, or on this machine. */
    static boolean isPrivate(HttpServerRequest request) {
        try {
            String address = address(request);
            return request.isSSL()
                    || (!address.isEmpty() && InetAddress.getByName(address).isLoopbackAddress());
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Where it comes from; empty if that is not known. */
    static String address(HttpServerRequest request) {
        String address =
                request.remoteAddress() == null ? null : request.remoteAddress().hostAddress();
        return address == null ? "" : address;
    }
}
