package io.mooring.audit.core.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.audit.core.Digest;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Gzip;
import io.mooring.audit.core.Signed;
import io.mooring.audit.core.verify.Finding.Code;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TrailVerifierTest {
    private static final int HOURS = 5;
    private static final int MIDDLE = 2;
    private static final int LAST = HOURS - 1;

    @Test
    void findsNothingInATrailThatIsAsItWasWritten() {
        SampleTrail trail = SampleTrail.ofHours(HOURS);

        Verdict verdict = trail.verify(SampleTrail.question(new Expectation("the database", trail.heads(), true)));

        assertThat(verdict.findings()).isEmpty();
        assertThat(verdict.digests()).isEqualTo(HOURS);
        assertThat(verdict.logFiles()).isEqualTo(2 * LAST);
        assertThat(verdict.records()).isEqualTo(4 * LAST);
        assertThat(verdict.head()).contains(trail.heads().getLast());
    }

    /** What somebody does to a trail, with or without its key; and what must be found then, among whatever else. */
    static Stream<Arguments> manipulations() {
        return Stream.of(
                // What AWS' validate-logs sees too.
                row(
                        "one bit of a log file is flipped",
                        trail -> flip(trail, trail.log(MIDDLE, 0)),
                        Code.LOG_UNREADABLE),
                row("a log file is changed", trail -> swap(trail, trail.log(MIDDLE, 0)), Code.LOG_CHANGED),
                row(
                        "two log files are swapped",
                        trail -> {
                            byte[] one = trail.objects.get(trail.log(1, 0));
                            trail.objects.put(trail.log(1, 0), trail.objects.get(trail.log(MIDDLE, 0)));
                            trail.objects.put(trail.log(MIDDLE, 0), one);
                        },
                        Code.LOG_CHANGED),
                row("a log file is cut short", trail -> cut(trail, trail.log(MIDDLE, 0)), Code.LOG_UNREADABLE),
                row("a log file goes on", trail -> append(trail, trail.log(MIDDLE, 0)), Code.LOG_UNREADABLE),
                row("a log file is deleted", trail -> trail.objects.remove(trail.log(MIDDLE, 0)), Code.LOG_MISSING),
                row("a digest is edited", trail -> edit(trail, MIDDLE), Code.SIGNATURE_WRONG),
                row(
                        "one bit of a digest is flipped",
                        trail -> flip(trail, trail.digest(MIDDLE)),
                        Code.DIGEST_UNREADABLE),
                row(
                        "a digest is moved",
                        trail -> {
                            byte[] moved = trail.objects.remove(trail.digest(MIDDLE));
                            trail.objects.put(
                                    SampleTrail.LAYOUT.digestKey(
                                            end(trail, MIDDLE).plusSeconds(7)),
                                    moved);
                        },
                        Code.DIGEST_MISPLACED),
                row("a digest in the middle is deleted", trail -> remove(trail, MIDDLE), Code.DIGEST_MISSING),
                row("the first digest is deleted", trail -> remove(trail, 0), Code.DIGEST_MISSING),
                row(
                        "a digest is signed by another key",
                        trail -> {
                            Digest old = trail.digests.get(LAST).digest();
                            trail.put(SampleTrail.signed(
                                    old.start(), old.end(), old.previous(), old.logFiles(), SampleTrail.OTHER_KEY));
                        },
                        Code.KEY_UNKNOWN),
                row(
                        "a signature is deleted",
                        trail -> trail.objects.remove(trail.signature(LAST)),
                        Code.SIGNATURE_MISSING),
                row(
                        "a signature is another's",
                        trail -> trail.objects.put(trail.signature(LAST), trail.objects.get(trail.signature(MIDDLE))),
                        Code.SIGNATURE_WRONG),
                // What it is blind to.
                row(
                        "the newest digest is deleted, its signature is not",
                        trail -> trail.objects.remove(trail.digest(LAST)),
                        Code.SIGNATURE_STRAY),
                row(
                        "all digests are deleted",
                        trail -> {
                            for (int i = 0; i < HOURS; i++) {
                                remove(trail, i);
                            }
                        },
                        Code.NO_DIGESTS),
                row(
                        "a log file is put there that nobody names",
                        trail -> trail.log(end(trail, 1).minusSeconds(300), "CCCCCCCCCCCCCCCC", 1),
                        Code.LOG_STRAY),
                row(
                        "an object is put there that is none of a trail's",
                        trail -> trail.objects.put("AWSLogs/123456789012/notes.txt", new byte[] {1}),
                        Code.OBJECT_STRAY),
                row(
                        "the key's holder rewrites a digest",
                        trail -> trail.rewrite(MIDDLE, List.of()),
                        Code.PREVIOUS_HASH_WRONG),
                row(
                        "the key's holder rewrites a digest: its log files are named no more",
                        trail -> trail.rewrite(MIDDLE, List.of()),
                        Code.LOG_STRAY),
                row(
                        "the key's holder rewrites a digest: its records are missing",
                        trail -> {
                            trail.rewrite(MIDDLE, List.of());
                            trail.objects.remove(trail.log(MIDDLE, 0));
                            trail.objects.remove(trail.log(MIDDLE, 1));
                        },
                        Code.NUMBER_MISSING),
                row(
                        "the key's holder writes a wrong previous hash",
                        trail -> previous(
                                trail,
                                before -> new Digest.Previous(
                                        before.bucket(), before.object(), "0".repeat(64), before.signature())),
                        Code.PREVIOUS_HASH_WRONG),
                row(
                        "the key's holder writes a wrong previous signature",
                        trail -> previous(
                                trail,
                                before -> new Digest.Previous(before.bucket(), before.object(), before.sha256(), "00")),
                        Code.PREVIOUS_SIGNATURE_WRONG),
                row(
                        "the key's holder passes over a digest",
                        trail -> previous(
                                trail, before -> trail.digests.get(LAST - 2).asPrevious()),
                        Code.DIGEST_SKIPPED),
                row(
                        "the key's holder passes over a digest and deletes it",
                        trail -> {
                            Digest last = trail.digests.get(LAST).digest();
                            Signed before = trail.digests.get(LAST - 2);
                            remove(trail, LAST - 1);
                            trail.put(SampleTrail.signed(
                                    last.start(), last.end(), before.asPrevious(), last.logFiles(), SampleTrail.KEY));
                        },
                        Code.PERIOD_GAP),
                row(
                        "the key's holder leaves time out",
                        trail -> trail.put(SampleTrail.signed(
                                end(trail, LAST).plusSeconds(600),
                                end(trail, LAST).plusSeconds(1200),
                                trail.digests.get(LAST).asPrevious(),
                                List.of(),
                                SampleTrail.KEY)),
                        Code.PERIOD_GAP),
                row(
                        "the key's holder speaks for a time twice",
                        trail -> trail.put(SampleTrail.signed(
                                end(trail, LAST).minusSeconds(600),
                                end(trail, LAST).plusSeconds(1200),
                                trail.digests.get(LAST).asPrevious(),
                                List.of(),
                                SampleTrail.KEY)),
                        Code.PERIOD_OVERLAP),
                row("the key's holder begins anew", trail -> previous(trail, before -> null), Code.DIGEST_SKIPPED),
                row(
                        "the key's holder names a log file twice",
                        trail -> trail.put(trail.next(
                                end(trail, LAST).plusSeconds(3600),
                                trail.digests.get(1).digest().logFiles())),
                        Code.LOG_NAMED_TWICE),
                row(
                        "the key's holder says other times of a log file",
                        trail -> trail.put(trail.next(
                                end(trail, LAST).plusSeconds(3600),
                                List.of(late(trail.log(end(trail, LAST).plusSeconds(60), "DDDDDDDDDDDDDDDD", 1))))),
                        Code.LOG_TIMES_WRONG),
                row(
                        "a source's number is missing",
                        trail -> {
                            trail.skipNumber();
                            trail.put(trail.next(
                                    end(trail, LAST).plusSeconds(3600),
                                    List.of(trail.log(end(trail, LAST).plusSeconds(60), "DDDDDDDDDDDDDDDD", 1))));
                        },
                        Code.NUMBER_MISSING),
                row(
                        "a source's number is there twice",
                        trail -> {
                            trail.repeatNumber();
                            trail.put(trail.next(
                                    end(trail, LAST).plusSeconds(3600),
                                    List.of(trail.log(end(trail, LAST).plusSeconds(60), "DDDDDDDDDDDDDDDD", 1))));
                        },
                        Code.NUMBER_TWICE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("manipulations")
    void findsIt(String what, Consumer<SampleTrail> manipulation, Code expected) {
        SampleTrail trail = SampleTrail.ofHours(HOURS);

        manipulation.accept(trail);

        assertThat(trail.verify(SampleTrail.question()).findings())
                .extracting(Finding::code)
                .contains(expected);
    }

    @Test
    void findsThatTheNewestDigestIsGoneByWhatIsKnownElsewhere() {
        SampleTrail trail = SampleTrail.ofHours(HOURS);
        List<DigestHead> heads = trail.heads();
        remove(trail, LAST);
        trail.objects.remove(trail.log(LAST, 0));
        trail.objects.remove(trail.log(LAST, 1));

        assertThat(trail.verify(SampleTrail.question()).findings()).isEmpty();
        assertThat(trail.verify(SampleTrail.question(new Expectation("Kafka", heads, false)))
                        .findings())
                .extracting(Finding::code)
                .containsExactly(Code.DIGEST_MISSING);
    }

    @Test
    void findsThatTheNewestDigestIsGoneByTheTimeThatTheTrailShouldReach() {
        SampleTrail trail = SampleTrail.ofHours(HOURS);
        Instant until = end(trail, LAST);
        remove(trail, LAST);
        Question question = new Question(List.of(SampleTrail.KEY.open()), List.of(), false, until, List.of());

        assertThat(trail.verify(question).findings()).extracting(Finding::code).contains(Code.TRAIL_ENDS_EARLY);
    }

    @Test
    void findsThatTheKeysHolderRewroteEverythingByWhatIsKnownElsewhere() {
        List<DigestHead> heads = SampleTrail.ofHours(HOURS).heads();
        SampleTrail forged = SampleTrail.ofHours(HOURS);
        forged.rewrite(LAST, List.of());
        forged.objects.remove(forged.log(LAST, 0));
        forged.objects.remove(forged.log(LAST, 1));

        assertThat(forged.verify(SampleTrail.question()).findings()).isEmpty();
        assertThat(forged.verify(SampleTrail.question(new Expectation("Kafka", heads, false)))
                        .findings())
                .extracting(Finding::code)
                .containsExactly(Code.HEAD_DIFFERS);
    }

    @Test
    void findsThatTheDatabaseWasSetBack() {
        SampleTrail trail = SampleTrail.ofHours(HOURS);
        List<DigestHead> older = trail.heads().subList(0, LAST);

        assertThat(trail.verify(SampleTrail.question(new Expectation("the database", older, true)))
                        .findings())
                .extracting(Finding::code)
                .containsExactly(Code.HEAD_BEHIND);
    }

    @Test
    void takesACopyThatBeginsLaterForWhatItIs() {
        SampleTrail trail = SampleTrail.ofHours(HOURS);
        for (int i = 0; i < MIDDLE; i++) {
            trail.digests.get(i).digest().logFiles().forEach(log -> trail.objects.remove(log.object()));
            remove(trail, i);
        }
        Question partial = new Question(List.of(SampleTrail.KEY.open()), List.of(), true, null, List.of());

        assertThat(trail.verify(partial).findings()).isEmpty();
    }

    @Test
    void waitsForTheNextDigestToNameYoungLogFiles() {
        SampleTrail trail = SampleTrail.ofHours(HOURS);
        trail.log(end(trail, LAST).plusSeconds(60), "DDDDDDDDDDDDDDDD", 1);

        Verdict verdict = trail.verify(SampleTrail.question());

        assertThat(verdict.findings()).isEmpty();
        assertThat(verdict.pending()).isEqualTo(1);
    }

    private static Arguments row(String what, Consumer<SampleTrail> manipulation, Code expected) {
        return Arguments.of(what, manipulation, expected);
    }

    private static Instant end(SampleTrail trail, int index) {
        return trail.digests.get(index).digest().end();
    }

    private static void remove(SampleTrail trail, int index) {
        trail.objects.remove(trail.digest(index));
        trail.objects.remove(trail.signature(index));
    }

    private static byte[] bytes(SampleTrail trail, String object) {
        return Objects.requireNonNull(trail.objects.get(object), object);
    }

    private static void flip(SampleTrail trail, String object) {
        byte[] bytes = bytes(trail, object).clone();
        bytes[bytes.length / 2] ^= 1;
        trail.objects.put(object, bytes);
    }

    private static void cut(SampleTrail trail, String object) {
        byte[] bytes = bytes(trail, object);
        trail.objects.put(object, Arrays.copyOf(bytes, bytes.length - 9));
    }

    private static void append(SampleTrail trail, String object) {
        byte[] bytes = bytes(trail, object);
        byte[] more = Gzip.pack("more".getBytes(StandardCharsets.UTF_8));
        byte[] both = Arrays.copyOf(bytes, bytes.length + more.length);
        System.arraycopy(more, 0, both, bytes.length, more.length);
        trail.objects.put(object, both);
    }

    private static void swap(SampleTrail trail, String object) {
        trail.objects.put(object, Gzip.pack("{\"Records\":[]}".getBytes(StandardCharsets.UTF_8)));
    }

    private static void edit(SampleTrail trail, int index) {
        String text = new String(trail.digests.get(index).document(), StandardCharsets.UTF_8);
        String other = text.replaceFirst("\"newestEventTime\":\"2026", "\"newestEventTime\":\"2025");
        trail.objects.put(trail.digest(index), Gzip.pack(other.getBytes(StandardCharsets.UTF_8)));
    }

    /** Signs the last digest again, with another word about the one before. */
    private static void previous(SampleTrail trail, UnaryOperator<Digest.Previous> change) {
        Digest last = trail.digests.get(LAST).digest();
        trail.put(SampleTrail.signed(
                last.start(), last.end(), change.apply(last.previous()), last.logFiles(), SampleTrail.KEY));
    }

    private static Digest.NamedLog late(Digest.NamedLog log) {
        return new Digest.NamedLog(
                log.bucket(), log.object(), log.sha256(), log.newest().plusSeconds(1), log.oldest());
    }
}
