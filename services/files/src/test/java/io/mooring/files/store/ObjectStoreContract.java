package io.mooring.files.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.mooring.files.core.Kept;
import io.mooring.files.core.Listing;
import io.mooring.files.core.ObjectKey;
import io.mooring.files.core.Owner;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.mooring.files.core.UploadedPart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every store does. */
abstract class ObjectStoreContract {
    static final Owner OWNER = new Owner("main", "ABCDEF1234");
    private static final Owner OTHER = new Owner("main", "ABCDEF1235");

    abstract ObjectStore store();

    @Test
    void keepsAnObjectWithWhatIsSaidOfIt() throws Exception {
        Map<String, String> headers =
                Map.of("content-type", "text/plain", "x-amz-meta-unit", "mm", "cache-control", "no-cache");

        store().put(key("a dir/é+%.txt"), headers, body("hello"));
        Kept kept = store().find(key("a dir/é+%.txt")).orElseThrow();

        assertThat(kept.headers()).containsAllEntriesOf(headers);
        assertThat(kept.size()).isEqualTo(5);
        assertThat(kept.etag()).isEqualTo("5d41402abc4b2a76b9719d911017c592");
        assertThat(read(key("a dir/é+%.txt"), 1, 3)).isEqualTo("ell");
    }

    @Test
    void replacesAndForgets() throws Exception {
        store().put(key("twice"), Map.of(), body("one"));
        store().put(key("twice"), Map.of(), body("three"));
        assertThat(read(key("twice"), 0, 5)).isEqualTo("three");

        store().delete(key("twice"));
        store().delete(key("twice"));

        assertThat(store().find(key("twice"))).isEmpty();
        assertThat(store().open(key("twice"))).isEmpty();
    }

    @Test
    void keepsAnObjectBesideOnesBelowIt() throws Exception {
        for (String name : List.of("n", "n/x", "n/x/y", "n-", "n/")) {
            store().put(key("beside/" + name), Map.of(), body(name));
        }

        assertThat(keys("ABCDEF1234/beside/", ""))
                .containsExactly(
                        "ABCDEF1234/beside/n",
                        "ABCDEF1234/beside/n-",
                        "ABCDEF1234/beside/n/",
                        "ABCDEF1234/beside/n/x",
                        "ABCDEF1234/beside/n/x/y");
        assertThat(read(key("beside/n/x"), 0, 3)).isEqualTo("n/x");
    }

    @Test
    void listsItsOwnOnlyInPages() throws Exception {
        store().put(new ObjectKey(OTHER, "listed/theirs"), Map.of(), body("x"));
        for (String name : List.of("1", "2", "3/x", "3/y", "4")) {
            store().put(key("listed/" + name), Map.of(), body(name));
        }

        var first = store().list(OWNER, new Listing.Query("ABCDEF1234/listed/", "/", "", "", 2));
        var second = store().list(
                        OWNER,
                        new Listing.Query(
                                "ABCDEF1234/listed/", "/", "", first.nextToken().orElseThrow(), 10));

        assertThat(first.objects())
                .extracting(ObjectStore.Listed::key)
                .containsExactly("ABCDEF1234/listed/1", "ABCDEF1234/listed/2");
        assertThat(second.commonPrefixes()).containsExactly("ABCDEF1234/listed/3/");
        assertThat(second.objects()).extracting(ObjectStore.Listed::key).containsExactly("ABCDEF1234/listed/4");
        assertThat(second.nextToken()).isEmpty();
    }

    @Test
    void makesOneObjectOfParts() throws Exception {
        byte[] large = new byte[5 * 1024 * 1024];
        new Random(1).nextBytes(large);
        String upload = store().begin(key("parts"), Map.of("content-type", "x/y"));
        String one = store().part(key("parts"), upload, 1, body(large));
        String two = store().part(key("parts"), upload, 2, body("end"));

        Kept kept = store().complete(key("parts"), upload, List.of(new UploadedPart(1, one), new UploadedPart(2, two)));

        assertThat(kept.size()).isEqualTo(large.length + 3);
        assertThat(kept.etag()).endsWith("-2");
        assertThat(read(key("parts"), large.length, 3)).isEqualTo("end");
        assertThat(store().find(key("parts")).orElseThrow().headers()).containsEntry("content-type", "x/y");
    }

    @Test
    void refusesAPartThatWasNotUploaded() throws Exception {
        String upload = store().begin(key("wrong"), Map.of());
        store().part(key("wrong"), upload, 1, body("x"));

        refused(
                S3Error.INVALID_PART,
                () -> store().complete(key("wrong"), upload, List.of(new UploadedPart(1, "0".repeat(32)))));
        store().abort(key("wrong"), upload);
    }

    @Test
    void keepsAnObjectOfNothing() throws Exception {
        store().put(key("nothing"), Map.of(), body(""));

        assertThat(store().find(key("nothing")).orElseThrow().size()).isZero();
    }

    @Test
    void countsWhatADeviceKeeps() throws Exception {
        Owner counted = new Owner("main", "COUNTED123");
        store().put(new ObjectKey(counted, "a"), Map.of(), body("12345"));
        store().put(new ObjectKey(counted, "b/c"), Map.of(), body("12345"));

        assertThat(store().usage(counted).objects()).isEqualTo(2);
        assertThat(store().usage(counted).bytes()).isBetween(10L, 2_000L);
    }

    interface Call {
        Object run() throws IOException;
    }

    static void refused(S3Error error, Call call) {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(call::run)
                .satisfies(refused -> assertThat(refused.error()).isEqualTo(error));
    }

    private List<String> keys(String prefix, String delimiter) throws IOException {
        return store().list(OWNER, new Listing.Query(prefix, delimiter, "", "", 100)).objects().stream()
                .map(ObjectStore.Listed::key)
                .toList();
    }

    private String read(ObjectKey key, long offset, long length) throws IOException {
        try (ObjectStore.Opened opened = store().open(key).orElseThrow();
                var content = opened.content().from(offset, length)) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static ObjectKey key(String name) {
        return new ObjectKey(OWNER, name);
    }

    static VerifiedBody body(String text) throws IOException {
        return body(text.getBytes(StandardCharsets.UTF_8));
    }

    static VerifiedBody body(byte[] bytes) throws IOException {
        return new VerifiedBody(new ByteArrayInputStream(bytes), bytes.length, null, Map.of(), Set.of(), Map::of);
    }
}
