package io.mooring.contracts.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request as it came over the wire, as far as a signature covers it.
 *
 * @param path raw, up to the question mark; not decoded, not normalised
 * @param query raw, without the question mark; empty if there is none
 * @param headers in their order, values as ISO-8859-1 text (one character a byte); {@code Host} among them
 * @param bodySha256 lower-case hex, of the body as sent, if all of it was read already; null while it streams
 */
public record RequestDescription(
        String method,
        String path,
        String query,
        List<Header> headers,
        @Nullable String bodySha256) {
    /** A header; its name in lower case. */
    public record Header(String name, String value) {
        public Header {
            name = name.toLowerCase(Locale.ROOT);
        }
    }

    public RequestDescription {
        headers = List.copyOf(headers);
    }

    /**
     * A request as a server got it.
     *
     * @param uri the request target, raw
     * @param authority where HTTP/2 says the host (RFC 9113, section 8.3.1); null if it says none
     * @param body all of it; null while it streams
     */
    public static RequestDescription of(
            String method,
            String uri,
            Iterable<Map.Entry<String, String>> headers,
            @Nullable String authority,
            byte @Nullable [] body) {
        List<Header> all = new ArrayList<>();
        headers.forEach(header -> all.add(new Header(header.getKey(), header.getValue())));
        if (authority != null && all.stream().noneMatch(header -> header.name().equals("host"))) {
            all.add(new Header("host", authority));
        }
        int question = uri.indexOf('?');
        return new RequestDescription(
                method,
                question < 0 ? uri : uri.substring(0, question),
                question < 0 ? "" : uri.substring(question + 1),
                all,
                body == null ? null : Digests.sha256Hex(body));
    }

    /** The values of a header, by its lower-case name. */
    List<String> values(String name) {
        List<String> found = new ArrayList<>();
        for (Header header : headers) {
            if (header.name().equals(name)) {
                found.add(header.value());
            }
        }
        return found;
    }

    /** The first value of a header, by its lower-case name, without spaces around it. */
    public Optional<String> header(String name) {
        return values(name).stream().findFirst().map(String::strip);
    }
}
