package io.mooring.contracts.access;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/** The one text that stands for a request (Signature Version 4, "canonical request"). */
final class CanonicalRequest {
    private CanonicalRequest() {}

    /** The SHA-256 of the canonical request, lower-case hex. */
    static String sha256(
            RequestDescription request,
            boolean pathOnce,
            QueryParameters query,
            String exceptParameter,
            List<String> signedHeaders,
            String payloadHash) {
        String text = text(request, pathOnce, query, exceptParameter, signedHeaders, payloadHash);
        // What came off the wire as bytes goes back to the same bytes.
        return Digests.sha256Hex(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static String text(
            RequestDescription request,
            boolean pathOnce,
            QueryParameters query,
            String exceptParameter,
            List<String> signedHeaders,
            String payloadHash) {
        StringBuilder text = new StringBuilder(512);
        text.append(request.method()).append('\n');
        text.append(path(request.path(), pathOnce)).append('\n');
        text.append(query.canonical(exceptParameter)).append('\n');
        for (String name : signedHeaders) {
            text.append(name).append(':').append(value(request.values(name))).append('\n');
        }
        text.append('\n').append(String.join(";", signedHeaders)).append('\n').append(payloadHash);
        return text.toString();
    }

    /** Values in their order, each without spaces around it and with single ones inside. */
    static String value(List<String> values) {
        StringBuilder text = new StringBuilder();
        for (Iterator<String> each = values.iterator(); each.hasNext(); ) {
            text.append(each.next().strip().replaceAll("[ \t]+", " "));
            if (each.hasNext()) {
                text.append(',');
            }
        }
        return text.toString();
    }

    static String path(String raw, boolean once) {
        if (raw.isEmpty()) {
            return "/";
        }
        return once ? raw : QueryParameters.encode(withoutDots(raw), false);
    }

    /** Without empty and dot segments (RFC 3986, section 5.2.4), as services other than S3 sign it. */
    private static String withoutDots(String raw) {
        Deque<String> kept = new ArrayDeque<>();
        for (String segment : raw.split("/")) {
            if (segment.equals("..")) {
                kept.pollLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                kept.addLast(segment);
            }
        }
        String joined = "/" + String.join("/", kept);
        return raw.endsWith("/") && joined.length() > 1 ? joined + "/" : joined;
    }
}
