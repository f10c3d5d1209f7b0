package io.mooring.files.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.mooring.files.core.Checksum;
import io.mooring.files.core.ObjectKey;
import io.mooring.files.core.Owner;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is particular to a folder; what every store does is shown by ObjectStoreContract. */
class FolderStoreTest extends ObjectStoreContract {
    @TempDir
    private Path folder;

    private FolderStore store;

    @BeforeEach
    void open() throws IOException {
        store = new FolderStore(folder, Clock.systemUTC());
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Test
    void leavesNothingOfARefusedBody() throws Exception {
        byte[] bytes = "not what it says".getBytes(StandardCharsets.UTF_8);
        VerifiedBody body = new VerifiedBody(
                new ByteArrayInputStream(bytes),
                bytes.length,
                null,
                Map.of(Checksum.CRC32, "AAAAAA=="),
                Set.of(),
                Map::of);

        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> store.put(key("refused"), Map.of(), body))
                .satisfies(refused -> assertThat(refused.error()).isEqualTo(S3Error.BAD_DIGEST));
        assertThat(filesBelow(folder)).isEmpty();
    }

    @Test
    void leavesNoEmptyFolders() throws Exception {
        store.put(key("a/b/c"), Map.of(), body("x"));
        store.delete(key("a/b/c"));

        try (Stream<Path> all = Files.list(folder.resolve("objects/main+/ABCDEF1234"))) {
            assertThat(all).isEmpty();
        }
    }

    /** Not of every store: the one that plays S3 in tests breaks down on it. */
    @Test
    void refusesAPartOfAnUploadThatEnded() throws Exception {
        String upload = store.begin(key("ended"), Map.of());
        store.abort(key("ended"), upload);

        refused(S3Error.NO_SUCH_UPLOAD, () -> store.part(key("ended"), upload, 1, body("x")));
    }

    @Test
    void dropsUploadsThatWereBegunAndLeft() throws Exception {
        String upload = store.begin(key("left"), Map.of());
        store.part(key("left"), upload, 1, body("part"));
        assertThat(store.usage(OWNER).bytes()).isPositive();

        store.sweep(Instant.now().plusSeconds(60));

        assertThat(filesBelow(folder)).isEmpty();
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> store.part(key("left"), upload, 2, body("x")));
    }

    @Test
    void readersSeeOneVersionWhileWritersReplaceIt() throws Exception {
        ObjectKey key = key("folder/contended");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String text = Integer.toString(i).repeat(10_000 + i);
                all.add(threads.submit((Callable<Boolean>) () -> {
                    for (int n = 0; n < 20; n++) {
                        store.put(key, Map.of(), body(text));
                        if (n % 5 == 0) {
                            store.delete(key);
                        }
                    }
                    return true;
                }));
                all.add(threads.submit((Callable<Boolean>) () -> {
                    for (int n = 0; n < 50; n++) {
                        var opened = store.open(key);
                        if (opened.isPresent()) {
                            try (var object = opened.get()) {
                                byte[] read = object.content()
                                        .from(0, object.kept().size())
                                        .readAllBytes();
                                assertThat(read).hasSize((int) object.kept().size());
                                assertThat(new String(read, StandardCharsets.UTF_8)
                                                .chars()
                                                .distinct())
                                        .hasSize(1);
                            }
                        }
                    }
                    return true;
                }));
            }
            for (Future<Boolean> one : all) {
                assertThat(one.get()).isTrue();
            }
        }
    }

    private static List<Path> filesBelow(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void aCloudIsAFolderNoOtherCanName() throws Exception {
        Owner odd = new Owner("..", "ABCDEF1234");
        store.put(new ObjectKey(odd, "x"), Map.of(), body("x"));

        assertThat(folder.resolve("objects").resolve("%2E.+/ABCDEF1234/x")).isRegularFile();
    }
}
