package io.mooring.files.http;

import io.mooring.contracts.access.AwsChunkedStream;
import io.mooring.contracts.access.PayloadProof;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.files.core.Checksum;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.mooring.files.store.VerifiedBody;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what comes with an upload: how long it is, what must be true of its bytes, and what is kept with them. */
final class Uploads {
    private static final String META = "x-amz-meta-";
    private static final int MOST_METADATA = 2048;
    private static final List<String> KEPT =
            List.of("content-type", "content-disposition", "content-language", "cache-control");
    private static final List<String> NOT_OFFERED = List.of(
            "x-amz-copy-source",
            "x-amz-acl",
            "x-amz-grant-",
            "x-amz-server-side-encryption",
            "x-amz-object-lock-",
            "x-amz-tagging",
            "x-amz-website-redirect-location",
            "x-amz-write-offset-bytes",
            "if-match",
            "if-none-match");

    private Uploads() {}

    /** How many bytes of content are to come. */
    static long length(RequestDescription request, PayloadProof proof) throws Refused {
        String header = proof instanceof PayloadProof.Chunks ? "x-amz-decoded-content-length" : "content-length";
        Optional<String> length = request.header(header);
        if (length.isEmpty()) {
            throw new Refused(S3Error.MISSING_CONTENT_LENGTH, header + " is needed");
        }
        try {
            return Long.parseUnsignedLong(length.get()) < 0 ? Long.MAX_VALUE : Long.parseLong(length.get());
        } catch (NumberFormatException e) {
            throw new Refused(S3Error.INVALID_ARGUMENT, header + " is not a number");
        }
    }

    /** The content, verified as it is read. */
    static VerifiedBody body(RequestDescription request, PayloadProof proof, long length, InputStream raw)
            throws IOException {
        Map<Checksum, String> stated = new EnumMap<>(Checksum.class);
        for (Checksum checksum : Checksum.values()) {
            Optional<String> value = request.header(checksum.header());
            if (value.isPresent()) {
                checksum.read(value.get());
                stated.put(checksum, value.get());
            }
        }
        if (proof instanceof PayloadProof.Chunks chunks) {
            Set<String> announced = chunks.trailer() ? announced(request) : Set.of();
            Set<Checksum> trailing = EnumSet.noneOf(Checksum.class);
            announced.forEach(name -> Checksum.ofHeader(name).ifPresent(trailing::add));
            AwsChunkedStream content = new AwsChunkedStream(raw, chunks, announced);
            return new VerifiedBody(content, length, null, stated, trailing, content::trailers);
        }
        String sha256 = proof instanceof PayloadProof.Hash hash ? hash.sha256() : null;
        return new VerifiedBody(raw, length, sha256, stated, Set.of(), Map::of);
    }

    /** A body whose headers say nothing of it but how it is signed. */
    static VerifiedBody plainBody(PayloadProof proof, @Nullable String sha256, long length, InputStream raw)
            throws IOException {
        InputStream content =
                proof instanceof PayloadProof.Chunks chunks ? new AwsChunkedStream(raw, chunks, Set.of()) : raw;
        return new VerifiedBody(content, length, sha256, Map.of(), Set.of(), Map::of);
    }

    private static Set<String> announced(RequestDescription request) {
        return Stream.of(request.header("x-amz-trailer").orElse("").split(","))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    }

    /** The headers that are kept with an object. */
    static Map<String, String> kept(RequestDescription request) throws Refused {
        Map<String, String> kept = new HashMap<>();
        int metadata = 0;
        for (RequestDescription.Header header : request.headers()) {
            String name = header.name();
            if (NOT_OFFERED.stream().anyMatch(name::startsWith)) {
                throw new Refused(S3Error.NOT_IMPLEMENTED, name + " is not offered");
            }
            if (name.startsWith(META)) {
                metadata += name.length() - META.length() + header.value().length();
                kept.merge(name, header.value().strip(), (one, next) -> one + "," + next);
            } else if (KEPT.contains(name)) {
                kept.put(name, header.value().strip());
            } else if (name.equals("content-encoding")) {
                String coding = Stream.of(header.value().split(","))
                        .map(String::strip)
                        .filter(one -> !one.equalsIgnoreCase("aws-chunked") && !one.isEmpty())
                        .collect(Collectors.joining(","));
                if (!coding.isEmpty()) {
                    kept.put(name, coding);
                }
            }
        }
        if (metadata > MOST_METADATA) {
            throw new Refused(S3Error.METADATA_TOO_LARGE, "metadata has at most " + MOST_METADATA + " bytes");
        }
        kept.putIfAbsent("content-type", "binary/octet-stream");
        return kept;
    }
}
