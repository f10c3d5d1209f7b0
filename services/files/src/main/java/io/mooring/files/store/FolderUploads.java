package io.mooring.files.store;

import io.mooring.files.core.Checksum;
import io.mooring.files.core.Kept;
import io.mooring.files.core.KeyPath;
import io.mooring.files.core.ObjectKey;
import io.mooring.files.core.Owner;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.mooring.files.core.UploadedPart;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Uploads in parts that were begun and not completed: for each a folder {@code uploads/CLOUD/DEVICE/ID} with a file
 * {@code begun}, which says for which object it is, and one for each part.
 */
final class FolderUploads {
    /** S3 has this minimum for all parts but the last. */
    static final long SMALLEST_PART = 5L * 1024 * 1024;

    private static final int MOST_AT_ONCE = 64;
    private static final String BEGUN = "begun";
    private static final String KEY = "key";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    private final Path root;
    private final Clock clock;

    /** An upload whose parts are all there. */
    record Whole(Map<String, String> headers, List<Path> files, String etag) {}

    FolderUploads(Path root, Clock clock) throws IOException {
        this.root = root;
        this.clock = clock;
        Folders.make(root);
    }

    String begin(ObjectKey key, Map<String, String> headers) throws IOException {
        Path mine = folder(key.owner());
        Folders.make(mine);
        try (DirectoryStream<Path> uploads = Files.newDirectoryStream(mine)) {
            int count = 0;
            for (Path each : uploads) {
                if (Files.exists(each) && ++count == MOST_AT_ONCE) {
                    throw new Refused(S3Error.QUOTA_EXCEEDED, "complete or abort uploads before beginning more");
                }
            }
        }
        String id = UUID.randomUUID().toString().replace("-", "");
        Path upload = mine.resolve(id);
        Folders.make(upload);
        try (FileChannel channel =
                FileChannel.open(upload.resolve(BEGUN), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            Map<String, String> said = new HashMap<>(headers);
            said.put(KEY, key.name());
            ObjectFile.finish(channel, new Kept(said, 0, "", clock.instant()));
        }
        return id;
    }

    /** The folder of an upload; refused if it was not begun for this object. */
    private Path upload(ObjectKey key, String id) throws IOException {
        Path upload = folder(key.owner()).resolve(ID.matcher(id).matches() ? id : "none");
        if (!Files.exists(upload.resolve(BEGUN))
                || !key.name().equals(describe(upload.resolve(BEGUN)).headers().get(KEY))) {
            throw new Refused(S3Error.NO_SUCH_UPLOAD, "there is no such upload for this key");
        }
        return upload;
    }

    private static Kept describe(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return ObjectFile.describe(channel);
        }
    }

    String part(ObjectKey key, String id, int number, VerifiedBody body) throws IOException {
        Path upload = upload(key, id);
        Path fresh = upload.resolve("new-" + UUID.randomUUID());
        try {
            try (FileChannel channel =
                    FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                long size = ObjectFile.append(channel, body);
                ObjectFile.finish(channel, new Kept(Map.of(), size, body.md5(), clock.instant()));
            }
            Folders.replace(fresh, partFile(upload, number));
        } catch (NoSuchFileException aborted) {
            throw new Refused(S3Error.NO_SUCH_UPLOAD, "the upload was completed or aborted meanwhile");
        } finally {
            Files.deleteIfExists(fresh);
        }
        return body.md5();
    }

    /** The parts a client names, all of them there; the entity tag is S3's: the MD5 of the parts' MD5s, and how many. */
    Whole whole(ObjectKey key, String id, List<UploadedPart> parts) throws IOException {
        Path upload = upload(key, id);
        Checksum.Calculation md5 = Checksum.MD5.start();
        List<Path> files = new ArrayList<>();
        for (int i = 1; i < parts.size(); i++) {
            if (parts.get(i).number() <= parts.get(i - 1).number()) {
                throw new Refused(S3Error.INVALID_PART_ORDER, "the parts are not in the order of their numbers");
            }
        }
        for (UploadedPart part : parts) {
            Path file = partFile(upload, part.number());
            Kept kept = Files.exists(file) ? describe(file) : null;
            if (kept == null || !kept.etag().equals(part.etag())) {
                throw new Refused(S3Error.INVALID_PART, "part " + part.number() + " was not uploaded with this ETag");
            }
            if (kept.size() < SMALLEST_PART && files.size() < parts.size() - 1) {
                throw new Refused(S3Error.ENTITY_TOO_SMALL, "a part that is not the last has at least 5 MiB");
            }
            byte[] one = HexFormat.of().parseHex(kept.etag());
            md5.update(one, 0, one.length);
            files.add(file);
        }
        Map<String, String> headers =
                new HashMap<>(describe(upload.resolve(BEGUN)).headers());
        headers.remove(KEY);
        return new Whole(headers, files, HexFormat.of().formatHex(md5.value()) + "-" + files.size());
    }

    /** Copies the bytes of a part; how many there were. */
    static long copy(Path part, FileChannel to) throws IOException {
        try (FileChannel from = FileChannel.open(part, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long size = ObjectFile.describe(from).size();
            for (long done = 0; done < size; ) {
                done += from.transferTo(done, size - done, to);
            }
            return size;
        }
    }

    void abort(ObjectKey key, String id) throws IOException {
        Folders.delete(upload(key, id));
    }

    long bytes(Owner owner) throws IOException {
        long[] total = new long[1];
        Folders.walk(folder(owner), (file, attributes) -> total[0] += attributes.size());
        return total[0];
    }

    void sweep(Instant begunBefore) throws IOException {
        List<Path> old = new ArrayList<>();
        Folders.walk(root, (file, attributes) -> {
            Path upload = file.getParent();
            if (upload != null
                    && file.endsWith(BEGUN)
                    && attributes.lastModifiedTime().toInstant().isBefore(begunBefore)) {
                old.add(upload);
            }
        });
        for (Path upload : old) {
            Folders.delete(upload);
        }
    }

    private static Path partFile(Path upload, int number) {
        return upload.resolve("part-" + number);
    }

    private Path folder(Owner owner) {
        Path folder = root;
        for (String part : KeyPath.of(owner.cloud() + "/" + owner.device())) {
            folder = folder.resolve(part);
        }
        return folder;
    }
}
