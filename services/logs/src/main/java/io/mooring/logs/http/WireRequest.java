package io.mooring.logs.http;

import io.mooring.contracts.access.RequestDescription;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A request as it came over the wire. */
final class WireRequest {
    private WireRequest() {}

    /** As far as a signature covers it. */
    static RequestDescription describe(HttpServerRequest request, byte[] body) {
        String uri = request.uri();
        int question = uri.indexOf('?');
        List<RequestDescription.Header> headers = new ArrayList<>();
        for (Map.Entry<String, String> header : request.headers()) {
            headers.add(new RequestDescription.Header(header.getKey(), header.getValue()));
        }
        if (request.getHeader("Host") == null && request.authority() != null) {
            // HTTP/2 says it otherwise (RFC 9113, section 8.3.1).
            headers.add(
                    new RequestDescription.Header("host", request.authority().toString()));
        }
        return new RequestDescription(
                request.method().name(),
                question < 0 ? uri : uri.substring(0, question),
                question < 0 ? "" : uri.substring(question + 1),
                headers,
                sha256(body));
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
