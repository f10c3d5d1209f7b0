package io.mooring.audit.http;

import io.mooring.audit.Signatures;
import io.mooring.audit.core.Digest;
import io.mooring.audit.core.TrailKey;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.store.ObjectStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The trail's objects by the wire form of S3, path style, to be read: GetBucketLocation, ListObjects, GetObject. */
@Path("/{bucket:[a-z0-9][a-z0-9.-]{2,62}}{rest:(/.*)?}")
@RunOnVirtualThread
public class BucketResource {
    private static final int MOST_LISTED = 1000;
    private static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

    private final SignedDoor door;
    private final ObjectStore store;
    private final TrailLayout layout;

    BucketResource(SignedDoor door, ObjectStore store, TrailLayout layout) {
        this.door = door;
        this.store = store;
        this.layout = layout;
    }

    @GET
    @Operation(hidden = true)
    public Response get(@Context HttpServerRequest request) throws IOException {
        return answer(request, true);
    }

    @HEAD
    @Operation(hidden = true)
    public Response head(@Context HttpServerRequest request) throws IOException {
        return answer(request, false);
    }

    private Response answer(HttpServerRequest request, boolean withBody) throws IOException {
        String path = decoded(request.path().substring(1));
        int slash = path.indexOf('/');
        String bucket = slash < 0 ? path : path.substring(0, slash);
        String key = slash < 0 ? "" : path.substring(slash + 1);
        // One word for a whole reading: a trail of thousands of objects does not grow by being read.
        boolean listing = key.isEmpty();
        Optional<Signatures.Signer.Refused> refused = door.admit(
                request,
                new byte[0],
                true,
                listing ? "ListObjects" : "GetObject",
                Map.of("resource", path.substring(0, Math.min(path.length(), 256))),
                listing);
        if (refused.isPresent()) {
            return switch (refused.get().reason()) {
                case UNKNOWN_KEY ->
                    error(403, "InvalidAccessKeyId", refused.get().detail());
                case EXPIRED_KEY -> error(400, "ExpiredToken", refused.get().detail());
                case WRONG_SIGNATURE ->
                    error(403, "SignatureDoesNotMatch", refused.get().detail());
                case NO_KEYS_HERE, NOT_SIGNED, FORBIDDEN ->
                    error(403, "AccessDenied", refused.get().detail());
            };
        }
        if (!bucket.equals(layout.bucket())) {
            return error(404, "NoSuchBucket", "The specified bucket does not exist");
        }
        if (!key.isEmpty()) {
            return object(key, withBody);
        }
        Map<String, String> query = query(request);
        if (!withBody) {
            return Response.ok().build();
        }
        return query.containsKey("location") ? location() : list(query);
    }

    private Response location() {
        return xml(200, "<LocationConstraint xmlns=\"" + NAMESPACE + "\">" + layout.region() + "</LocationConstraint>");
    }

    private Response object(String key, boolean withBody) throws IOException {
        Optional<TrailKey> known = TrailKey.of(key);
        Optional<byte[]> bytes = known.isPresent() ? store.get(key) : Optional.empty();
        if (bytes.isEmpty()) {
            return error(404, "NoSuchKey", "The specified key does not exist.");
        }
        Response.ResponseBuilder response = Response.ok(withBody ? bytes.get() : null, "application/octet-stream")
                .header("Content-Length", bytes.get().length)
                .header("x-amz-request-id", UUID.randomUUID().toString());
        if (known.get().kind() == TrailKey.Kind.DIGEST) {
            Optional<byte[]> signature =
                    store.get(layout.signatureKey(known.get().time()));
            if (signature.isPresent()) {
                response.header("x-amz-meta-signature", new String(signature.get(), StandardCharsets.US_ASCII).strip())
                        .header("x-amz-meta-signature-algorithm", Digest.SIGNATURE_ALGORITHM);
            }
        }
        return response.build();
    }

    /** Version 1 of the list, which is the one that AWS' own verifier asks for. */
    private Response list(Map<String, String> query) throws IOException {
        String prefix = query.getOrDefault("prefix", "");
        String marker = query.getOrDefault("marker", "");
        boolean encoded = "url".equals(query.get("encoding-type"));
        String wanted = query.getOrDefault("max-keys", "");
        int most = wanted.matches("[0-9]{1,4}") ? Math.min(Integer.parseInt(wanted), MOST_LISTED) : MOST_LISTED;
        List<String> keys = new ArrayList<>(store.list(prefix, marker, most + 1));
        boolean more = keys.size() > most;
        if (more) {
            keys.removeLast();
        }
        StringBuilder xml = new StringBuilder("<ListBucketResult xmlns=\"" + NAMESPACE + "\">");
        element(xml, "Name", layout.bucket());
        element(xml, "Prefix", text(prefix, encoded));
        element(xml, "Marker", text(marker, encoded));
        element(xml, "MaxKeys", Integer.toString(most));
        if (encoded) {
            element(xml, "EncodingType", "url");
        }
        element(xml, "IsTruncated", Boolean.toString(more));
        for (String key : keys) {
            xml.append("<Contents>");
            element(xml, "Key", text(key, encoded));
            element(
                    xml,
                    "LastModified",
                    TrailKey.of(key).map(known -> known.time().toString()).orElse("1970-01-01T00:00:00Z"));
            element(xml, "ETag", "\"\"");
            element(xml, "Size", "0");
            element(xml, "StorageClass", "STANDARD");
            xml.append("</Contents>");
        }
        return xml(200, xml.append("</ListBucketResult>").toString());
    }

    private static String text(String text, boolean encoded) {
        return encoded
                ? URLEncoder.encode(text, StandardCharsets.UTF_8)
                        .replace("+", "%20")
                        .replace("%2F", "/")
                : text;
    }

    private static void element(StringBuilder xml, String name, String text) {
        xml.append('<').append(name).append('>');
        xml.append(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
        xml.append("</").append(name).append('>');
    }

    private static Map<String, String> query(HttpServerRequest request) {
        Map<String, String> query = new HashMap<>();
        String text = request.query() == null ? "" : request.query();
        for (String part : text.split("&")) {
            int equals = part.indexOf('=');
            query.put(
                    decoded(equals < 0 ? part : part.substring(0, equals)),
                    equals < 0 ? "" : decoded(part.substring(equals + 1)));
        }
        return query;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException none) {
            return text;
        }
    }

    private static Response error(int status, String code, String message) {
        StringBuilder xml = new StringBuilder("<Error>");
        element(xml, "Code", code);
        element(xml, "Message", message);
        return xml(status, xml.append("</Error>").toString());
    }

    private static Response xml(int status, String xml) {
        return Response.status(status)
                .type("application/xml")
                .entity("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml)
                .header("x-amz-request-id", UUID.randomUUID().toString())
                .build();
    }
}
