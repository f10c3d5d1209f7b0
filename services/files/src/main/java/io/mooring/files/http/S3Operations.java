package io.mooring.files.http;

import io.mooring.contracts.access.PayloadProof;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.contracts.access.UploadParameters;
import io.mooring.files.Admission.Admitted;
import io.mooring.files.FilesConfig;
import io.mooring.files.FilesHandler;
import io.mooring.files.core.Asked;
import io.mooring.files.core.ByteRange;
import io.mooring.files.core.Checksum;
import io.mooring.files.core.Kept;
import io.mooring.files.core.Listing;
import io.mooring.files.core.ObjectKey;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.mooring.files.core.UploadLimit;
import io.mooring.files.core.UploadedPart;
import io.mooring.files.store.ObjectStore;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.ResponseBuilder;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** S3's operations: reads their parameters and headers, and writes their answers. */
@Singleton
class S3Operations {
    private static final int LARGEST_DOCUMENT = 1024 * 1024;

    private final FilesHandler handler;
    private final String region;

    S3Operations(FilesHandler handler, FilesConfig config) {
        this.handler = handler;
        this.region = config.region();
    }

    Response run(Asked asked, RequestDescription request, Admitted admitted, InputStream body) throws IOException {
        return switch (asked.action()) {
            case PUT_OBJECT -> put(asked, request, admitted, body);
            case GET_OBJECT -> get(key(asked, admitted), request);
            case HEAD_OBJECT -> head(key(asked, admitted), request);
            case DELETE_OBJECT -> {
                handler.delete(key(asked, admitted));
                yield Response.noContent().build();
            }
            case CREATE_MULTIPART_UPLOAD -> {
                String upload = handler.begin(key(asked, admitted), Uploads.kept(request));
                yield xml(S3Xml.begun(asked.bucket(), asked.key(), upload));
            }
            case UPLOAD_PART -> part(asked, request, admitted, body);
            case COMPLETE_MULTIPART_UPLOAD -> {
                Kept kept = handler.complete(
                        key(asked, admitted), upload(asked), S3Xml.parts(document(request, admitted.payload(), body)));
                yield xml(S3Xml.completed(asked.bucket(), asked.key(), kept.etag()));
            }
            case ABORT_MULTIPART_UPLOAD -> {
                handler.abort(key(asked, admitted), upload(asked));
                yield Response.noContent().build();
            }
            case LIST_OBJECTS -> list(asked, admitted);
            case HEAD_BUCKET ->
                Response.ok().header("x-amz-bucket-region", region).build();
            case GET_BUCKET_LOCATION -> xml(S3Xml.location(region));
        };
    }

    private static ObjectKey key(Asked asked, Admitted admitted) throws Refused {
        return ObjectKey.of(admitted.owner(), asked.key());
    }

    private static String upload(Asked asked) {
        return asked.query().text("uploadId").orElse("");
    }

    private Response put(Asked asked, RequestDescription request, Admitted admitted, InputStream body)
            throws IOException {
        long length = Uploads.length(request, admitted.payload());
        UploadLimit.check(asked.query().text(UploadParameters.SIZE), length);
        Map<String, String> headers = Uploads.kept(request);
        asked.query().text(UploadParameters.TYPE).ifPresent(type -> headers.put("content-type", type));
        Kept kept = handler.put(
                key(asked, admitted), headers, length, () -> Uploads.body(request, admitted.payload(), length, body));
        ResponseBuilder response = Response.ok().header("ETag", "\"" + kept.etag() + "\"");
        kept.headers().forEach((name, value) -> {
            if (name.startsWith(Checksum.HEADER_PREFIX)) {
                response.header(name, value);
            }
        });
        return response.build();
    }

    private Response part(Asked asked, RequestDescription request, Admitted admitted, InputStream body)
            throws IOException {
        long length = Uploads.length(request, admitted.payload());
        int number = number(asked.query().text("partNumber"), 0, UploadedPart.MOST);
        if (number < 1) {
            throw new Refused(S3Error.INVALID_ARGUMENT, "partNumber is 1 to " + UploadedPart.MOST);
        }
        String etag = handler.part(
                key(asked, admitted),
                upload(asked),
                number,
                length,
                () -> Uploads.body(request, admitted.payload(), length, body));
        return Response.ok().header("ETag", "\"" + etag + "\"").build();
    }

    private Response get(ObjectKey key, RequestDescription request) throws IOException {
        ObjectStore.Opened opened = handler.open(key);
        try {
            Kept kept = opened.kept();
            conditions(kept, request);
            Optional<ByteRange> range = ByteRange.of(request.header("range").orElse(null), kept.size());
            ResponseBuilder response = described(kept, request, range.isPresent());
            ByteRange sent = range.orElse(new ByteRange(0, kept.size()));
            response.header("Content-Length", sent.length());
            range.ifPresent(part -> response.status(206).header("Content-Range", part.contentRange(kept.size())));
            StreamingOutput output = out -> {
                try (opened;
                        InputStream content = opened.content().from(sent.first(), sent.length())) {
                    content.transferTo(out);
                }
            };
            if (sent.length() == 0) {
                opened.close();
                return response.build();
            }
            return response.entity(output).build();
        } catch (IOException | RuntimeException refused) {
            opened.close();
            throw refused;
        }
    }

    private Response head(ObjectKey key, RequestDescription request) throws IOException {
        Kept kept = handler.find(key);
        conditions(kept, request);
        Optional<ByteRange> range = ByteRange.of(request.header("range").orElse(null), kept.size());
        ResponseBuilder response = described(kept, request, range.isPresent());
        range.ifPresent(part -> response.status(206).header("Content-Range", part.contentRange(kept.size())));
        return response.header("Content-Length", range.map(ByteRange::length).orElse(kept.size()))
                .build();
    }

    /** RFC 9110, section 13: entity tags only. */
    private static void conditions(Kept kept, RequestDescription request) throws Refused {
        Optional<String> match = request.header("if-match");
        Optional<String> noneMatch = request.header("if-none-match");
        if (match.isPresent() && !names(match.get(), kept.etag())) {
            throw new Refused(S3Error.PRECONDITION_FAILED, "the object has another ETag");
        }
        if (noneMatch.isPresent() && names(noneMatch.get(), kept.etag())) {
            throw new Refused(S3Error.NOT_MODIFIED, "the object has this ETag");
        }
    }

    private static boolean names(String header, String etag) {
        return Arrays.stream(header.split(","))
                .map(one -> one.strip().replace("\"", ""))
                .anyMatch(one -> one.equals("*") || one.equals(etag));
    }

    private static ResponseBuilder described(Kept kept, RequestDescription request, boolean part) {
        boolean checksums = !part && request.header("x-amz-checksum-mode").isPresent();
        ResponseBuilder response = Response.ok()
                .header("ETag", "\"" + kept.etag() + "\"")
                .header(
                        "Last-Modified",
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                kept.modified().atOffset(ZoneOffset.UTC)))
                .header("Accept-Ranges", "bytes")
                // What a device uploaded is nothing for a browser to guess at.
                .header("X-Content-Type-Options", "nosniff");
        kept.headers().forEach((name, value) -> {
            if (checksums || !name.startsWith(Checksum.HEADER_PREFIX)) {
                response.header(name, value);
            }
        });
        return response;
    }

    private Response list(Asked asked, Admitted admitted) throws IOException {
        Listing.Query query = new Listing.Query(
                asked.query().text("prefix").orElse(""),
                asked.query().text("delimiter").orElse(""),
                asked.query().text("start-after").orElse(""),
                asked.query().text("continuation-token").orElse(""),
                number(asked.query().text("max-keys"), Listing.MOST, Integer.MAX_VALUE));
        Listing.Query bounded = new Listing.Query(
                query.prefix(),
                query.delimiter(),
                query.startAfter(),
                query.token(),
                Math.min(query.most(), Listing.MOST));
        boolean encoded = asked.query().text("encoding-type").equals(Optional.of("url"));
        return xml(S3Xml.listing(asked.bucket(), bounded, handler.list(admitted.owner(), bounded), encoded));
    }

    private static int number(Optional<String> text, int otherwise, int most) throws Refused {
        try {
            int number = text.isPresent() ? Integer.parseInt(text.get()) : otherwise;
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Refused below.
        }
        throw new Refused(S3Error.INVALID_ARGUMENT, "a number in the query is none, or too large");
    }

    /** A small body, all of it. */
    private static byte[] document(RequestDescription request, PayloadProof proof, InputStream body)
            throws IOException {
        long length = Uploads.length(request, proof);
        if (length > LARGEST_DOCUMENT) {
            throw new Refused(S3Error.MALFORMED_XML, "a document has at most " + LARGEST_DOCUMENT + " bytes");
        }
        // Checksums in the headers of CompleteMultipartUpload are the object's, not this body's.
        String sha256 = proof instanceof PayloadProof.Hash hash ? hash.sha256() : null;
        return Uploads.plainBody(proof, sha256, length, body).readAllBytes();
    }

    private static Response xml(String document) {
        return Response.ok(document, "application/xml").build();
    }
}
