package io.mooring.files.store;

import io.mooring.files.core.Kept;
import io.mooring.files.core.KeyPath;
import io.mooring.files.core.Listing;
import io.mooring.files.core.ObjectKey;
import io.mooring.files.core.Owner;
import io.mooring.files.core.UploadedPart;
import io.mooring.files.core.Usage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;

/**
 * Objects in a folder of this machine, or one that several nodes share. An object lies at {@code
 * objects/CLOUD/DEVICE/…} as {@link KeyPath} says, in the form of {@link ObjectFile}. It is written to {@code incoming/},
 * flushed to the disk, and renamed into place.
 */
public final class FolderStore implements ObjectStore {
    private final Path objects;
    private final Path incoming;
    private final FolderUploads uploads;
    private final Clock clock;

    /** Keeps objects below a folder, which is made. */
    public FolderStore(Path root, Clock clock) throws IOException {
        Path folder = root.toAbsolutePath().normalize();
        this.objects = folder.resolve("objects");
        this.incoming = folder.resolve("incoming");
        this.clock = clock;
        this.uploads = new FolderUploads(folder.resolve("uploads"), clock);
        Folders.make(objects);
        Folders.make(incoming);
    }

    @Override
    public Kept put(ObjectKey key, Map<String, String> headers, VerifiedBody body) throws IOException {
        return place(key, channel -> {
            long size = ObjectFile.append(channel, body);
            Map<String, String> all = new HashMap<>(headers);
            body.chosen().ifPresent(sum -> all.put(sum.getKey().header(), sum.getValue()));
            return new Kept(all, size, body.md5(), clock.instant());
        });
    }

    /** Writes the bytes of an object and says what they are. */
    @FunctionalInterface
    private interface Writing {
        Kept to(FileChannel channel) throws IOException;
    }

    private Kept place(ObjectKey key, Writing writing) throws IOException {
        Path fresh = incoming.resolve(UUID.randomUUID().toString());
        try {
            Kept kept;
            try (FileChannel channel =
                    FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                kept = writing.to(channel);
                ObjectFile.finish(channel, kept);
            }
            Folders.place(fresh, path(key));
            return kept;
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    @Override
    public Optional<Kept> find(ObjectKey key) throws IOException {
        return describe(path(key));
    }

    private static Optional<Kept> describe(Path file) throws IOException {
        Optional<FileChannel> found = channel(file);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (FileChannel channel = found.get()) {
            return Optional.of(ObjectFile.describe(channel));
        }
    }

    private static Optional<FileChannel> channel(Path file) throws IOException {
        try {
            return Optional.of(FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Opened> open(ObjectKey key) throws IOException {
        Optional<FileChannel> found = channel(path(key));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        FileChannel channel = found.get();
        try {
            Kept kept = ObjectFile.describe(channel);
            return Optional.of(
                    new Opened(kept, (offset, length) -> ObjectFile.slice(channel, offset, length), channel));
        } catch (IOException | RuntimeException broken) {
            channel.close();
            throw broken;
        }
    }

    @Override
    public void delete(ObjectKey key) throws IOException {
        Folders.remove(path(key), folder(key.owner()));
    }

    @Override
    public Listing.Page<Listed> list(Owner owner, Listing.Query query) throws IOException {
        Path folder = folder(owner);
        List<String> keys = new ArrayList<>();
        Folders.walk(
                folder, (file, attributes) -> name(folder, file).ifPresent(name -> keys.add(owner.prefix() + name)));
        keys.sort(Listing.ORDER);
        Listing.Page<String> page = Listing.of(keys, query);
        List<Listed> listed = new ArrayList<>();
        for (String key : page.objects()) {
            String name = key.substring(owner.prefix().length());
            describe(path(new ObjectKey(owner, name))).ifPresent(kept -> listed.add(new Listed(key, kept)));
        }
        return new Listing.Page<>(listed, page.commonPrefixes(), page.nextToken());
    }

    private static Optional<String> name(Path folder, Path file) {
        return KeyPath.nameOf(StreamSupport.stream(folder.relativize(file).spliterator(), false)
                .map(Path::toString)
                .toList());
    }

    @Override
    public Usage usage(Owner owner) throws IOException {
        long[] total = new long[2];
        Folders.walk(folder(owner), (file, attributes) -> {
            total[0] += attributes.size();
            total[1]++;
        });
        return new Usage(total[0] + uploads.bytes(owner), total[1]);
    }

    @Override
    public String begin(ObjectKey key, Map<String, String> headers) throws IOException {
        return uploads.begin(key, headers);
    }

    @Override
    public String part(ObjectKey key, String upload, int number, VerifiedBody body) throws IOException {
        return uploads.part(key, upload, number, body);
    }

    @Override
    public Kept complete(ObjectKey key, String upload, List<UploadedPart> parts) throws IOException {
        FolderUploads.Whole whole = uploads.whole(key, upload, parts);
        Kept kept = place(key, channel -> {
            long size = 0;
            for (Path part : whole.files()) {
                size += FolderUploads.copy(part, channel);
            }
            return new Kept(whole.headers(), size, whole.etag(), clock.instant());
        });
        uploads.abort(key, upload);
        return kept;
    }

    @Override
    public void abort(ObjectKey key, String upload) throws IOException {
        uploads.abort(key, upload);
    }

    @Override
    public void sweep(Instant begunBefore) throws IOException {
        Folders.walk(incoming, (file, attributes) -> {
            if (attributes.lastModifiedTime().toInstant().isBefore(begunBefore)) {
                Files.deleteIfExists(file);
            }
        });
        uploads.sweep(begunBefore);
    }

    private Path folder(Owner owner) {
        Path folder = objects;
        for (String part : KeyPath.of(owner.cloud() + "/" + owner.device())) {
            folder = folder.resolve(part);
        }
        return folder;
    }

    private Path path(ObjectKey key) {
        Path path = folder(key.owner());
        for (String part : KeyPath.of(key.name())) {
            path = path.resolve(part);
        }
        return path;
    }
}
