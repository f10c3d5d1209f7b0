package io.mooring.contracts.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.access.AccessRefusal.Reason;
import io.mooring.contracts.access.RequestVerifier.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests as botocore signed them with a key of ours, and what becomes of them when anything is changed. */
class RequestVerifierTest {
    private static final JsonNode VECTORS = vectors();
    private static final Instant NOW = Instant.parse(VECTORS.path("now").asText());
    private static final AccessKeys KEYS = new AccessKeys(master(0), List.of());
    private static final String KEY_ID = VECTORS.path("keyId").asText();
    private static final String TOKEN = VECTORS.path("token").asText();

    /** A signed request, and the service it is for. */
    record Case(String name, String service, RequestDescription request) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return StreamSupport.stream(VECTORS.path("cases").spliterator(), false).map(one -> {
            List<RequestDescription.Header> headers = new ArrayList<>();
            one.path("headers")
                    .forEach(header -> headers.add(new RequestDescription.Header(
                            header.get(0).asText(), header.get(1).asText())));
            byte[] body = Base64.getDecoder().decode(one.path("body").asText());
            boolean s3 = one.path("service").asText().equals("s3");
            return new Case(
                    one.path("name").asText(),
                    one.path("service").asText(),
                    new RequestDescription(
                            one.path("method").asText(),
                            one.path("path").asText(),
                            one.path("query").asText(),
                            headers,
                            s3 ? null : Digests.sha256Hex(body)));
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void acceptsWhatBotocoreSigned(Case one) {
        Verdict verdict = verify(one, one.request(), NOW);

        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        AccessGrant grant = ((Verdict.Accepted) verdict).key().grant();
        assertThat(grant.device()).isEqualTo("ABCDEF1234");
        assertThat(grant.cloud()).isEqualTo("main");
        assertThat(grant.account()).isEqualTo("acme");
        assertThat(grant.covers(AccessGrant.FILES)).isTrue();
        assertThat(grant.since()).isEqualTo("2026-01-01T00:00:00Z");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void refusesItWithAnythingChanged(Case one) {
        RequestDescription request = one.request();
        List<RequestDescription> changed = new ArrayList<>();
        changed.add(with(request, "DELETE", request.path(), request.query()));
        changed.add(with(request, request.method(), request.path() + "x", request.query()));
        changed.add(with(request, request.method(), request.path(), request.query() + "&more=1"));
        for (RequestDescription.Header header : request.headers()) {
            changed.add(header(request, header.name(), value -> value + "0"));
            changed.add(header(request, header.name(), value -> null));
        }
        changed.add(added(request, "x-amz-meta-more", "1"));
        changed.add(added(request, "host", "files.example:7104"));
        List<String> unsigned = List.of("content-type", "content-length", "user-agent");

        assertThat(changed.stream()
                        .filter(each -> !each.equals(request))
                        .filter(each -> verify(one, each, NOW) instanceof Verdict.Accepted)
                        .flatMap(each -> difference(request, each)))
                .allSatisfy(name -> assertThat(unsigned).contains(name));
    }

    @ParameterizedTest
    @CsvSource({
        "plain get, PT-15M, true",
        "plain get, PT-15M-1S, false",
        "plain get, PT15M, true",
        "plain get, PT15M1S, false",
        "another service encodes twice, PT5M, true",
        "another service encodes twice, PT5M1S, false",
        "presigned, PT5M, true",
        "presigned, PT5M1S, false",
        "presigned, PT-16M, false",
    })
    void boundsTheTime(String name, Duration later, boolean accepted) {
        Case one = named(name);

        assertThat(verify(one, one.request(), NOW.plus(later)) instanceof Verdict.Accepted)
                .isEqualTo(accepted);
    }

    @Test
    void saysWhatWasWrong() {
        Case get = named("plain get");

        assertThat(reason(get, get.request(), NOW.plus(Duration.ofHours(1)))).isEqualTo(Reason.EXPIRED_KEY);
        assertThat(reason(get, get.request(), NOW.minus(Duration.ofMinutes(16))))
                .isEqualTo(Reason.SKEWED);
        assertThat(reason(get, header(get.request(), "authorization", value -> null), NOW))
                .isEqualTo(Reason.NOT_SIGNED);
        assertThat(reason(get, header(get.request(), "authorization", value -> value.replace("local-1", "other")), NOW))
                .isEqualTo(Reason.WRONG_SCOPE);
        assertThat(reason(get, header(get.request(), "authorization", value -> value.replace("/s3/", "/logs/")), NOW))
                .isEqualTo(Reason.WRONG_SCOPE);
        assertThat(reason(
                        get,
                        header(get.request(), "authorization", value -> value.replace("20261123", "20261122")),
                        NOW))
                .isEqualTo(Reason.MALFORMED);
        assertThat(reason(get, header(get.request(), "authorization", value -> value.replace(KEY_ID, "AKIA1234")), NOW))
                .isEqualTo(Reason.UNKNOWN_KEY);
        assertThat(reason(
                        get,
                        header(get.request(), "authorization", value -> value.replace(KEY_ID, "MKAAAAAAAAAAAAAAAAAA")),
                        NOW))
                .isEqualTo(Reason.BAD_TOKEN);
        assertThat(reason(get, header(get.request(), "x-amz-security-token", value -> TOKEN + "A"), NOW))
                .isEqualTo(Reason.BAD_TOKEN);
        assertThat(reason(get, header(get.request(), "x-amz-content-sha256", value -> null), NOW))
                .isEqualTo(Reason.WRONG_SIGNATURE);
        assertThat(reason(named("presigned"), named("presigned").request(), NOW.plusSeconds(301)))
                .isEqualTo(Reason.PAST_ITS_TIME);
        assertThat(reason(get, added(get.request(), "x-amz-acl", "public-read"), NOW))
                .isEqualTo(Reason.UNSIGNED_HEADER);
    }

    @Test
    void refusesABodyThatIsNotTheOneSigned() {
        Case one = named("another service encodes twice");
        RequestDescription other = new RequestDescription(
                one.request().method(),
                one.request().path(),
                one.request().query(),
                one.request().headers(),
                Digests.sha256Hex(new byte[] {1}));

        assertThat(verify(one, other, NOW)).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void acceptsItsOwnPresignedUrls() {
        AccessKey key = ((AccessKeys.Shown.Valid) KEYS.read(KEY_ID, TOKEN, NOW)).key();
        SignatureRules rules = SignatureRules.s3("local-1");
        URI url = new UrlPresigner(rules)
                .presign(
                        key,
                        "PUT",
                        URI.create("https://localhost:7444"),
                        "/main/ABCDEF1234/a b+é%.txt",
                        Map.of(UploadParameters.SIZE, "10", UploadParameters.TYPE, "text/plain; charset=utf-8"),
                        NOW,
                        Duration.ofMinutes(5));
        RequestDescription put = new RequestDescription(
                "PUT",
                url.getRawPath(),
                url.getRawQuery(),
                List.of(new RequestDescription.Header("Host", "localhost:7444")),
                null);

        assertThat(new RequestVerifier(KEYS, rules).verify(put, NOW.plusSeconds(299)))
                .isInstanceOf(Verdict.Accepted.class);
        assertThat(new RequestVerifier(KEYS, rules)
                        .verify(with(put, "PUT", put.path(), put.query().replace("size=10", "size=99")), NOW))
                .isInstanceOf(Verdict.Refused.class);
        assertThat(new RequestVerifier(KEYS, rules).verify(with(put, "GET", put.path(), put.query()), NOW))
                .isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void masterKeysRotate() {
        AccessKeys rotated = new AccessKeys(master(1), List.of(master(0)));
        AccessKeys forgotten = new AccessKeys(master(1), List.of());

        assertThat(rotated.read(KEY_ID, TOKEN, NOW)).isInstanceOf(AccessKeys.Shown.Valid.class);
        assertThat(forgotten.read(KEY_ID, TOKEN, NOW)).isInstanceOf(AccessKeys.Shown.Refused.class);
    }

    @Test
    void derivesTheSecretItShows() {
        AccessKey key = ((AccessKeys.Shown.Valid) KEYS.read(KEY_ID, TOKEN, NOW)).key();
        AccessKey made = KEYS.issue(key.grant(), sequence());

        assertThat(key.secret()).isEqualTo(VECTORS.path("secret").asText());
        assertThat(made.id()).isEqualTo(KEY_ID);
        assertThat(made.sessionToken()).isEqualTo(TOKEN);
        assertThat(made.toString()).doesNotContain(key.secret()).doesNotContain(TOKEN);
    }

    @Property(tries = 500)
    void anythingAtAllIsAVerdict(
            @ForAll String method,
            @ForAll String path,
            @ForAll String query,
            @ForAll String header,
            @ForAll String token) {
        RequestDescription request = new RequestDescription(
                method,
                path,
                query,
                List.of(
                        new RequestDescription.Header("Host", header),
                        new RequestDescription.Header("Authorization", "AWS4-HMAC-SHA256 " + header),
                        new RequestDescription.Header("X-Amz-Security-Token", token)),
                null);

        assertThat(new RequestVerifier(KEYS, SignatureRules.s3("local-1")).verify(request, NOW))
                .isInstanceOf(Verdict.Refused.class);
        assertThat(KEYS.read(header, "MT1." + token, NOW)).isInstanceOf(AccessKeys.Shown.Refused.class);
    }

    @Property(tries = 500)
    void encodingIsUndone(@ForAll String text) {
        String bytes = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);

        assertThat(QueryParameters.encode(bytes, true)).matches("[A-Za-z0-9._~%-]*");
        assertThat(QueryParameters.decode(QueryParameters.encode(bytes, true))).contains(bytes);
    }

    private static Stream<String> difference(RequestDescription one, RequestDescription other) {
        List<RequestDescription.Header> headers = new ArrayList<>(one.headers());
        headers.removeAll(other.headers());
        return headers.isEmpty() ? Stream.of("not a header") : headers.stream().map(RequestDescription.Header::name);
    }

    private static Reason reason(Case one, RequestDescription request, Instant now) {
        return ((Verdict.Refused) verify(one, request, now)).refusal().reason();
    }

    private static Verdict verify(Case one, RequestDescription request, Instant now) {
        SignatureRules rules = one.service().equals("s3")
                ? SignatureRules.s3("local-1")
                : SignatureRules.service("local-1", one.service());
        return new RequestVerifier(KEYS, rules).verify(request, now);
    }

    private static Case named(String name) {
        return cases().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    }

    private static RequestDescription with(RequestDescription request, String method, String path, String query) {
        return new RequestDescription(method, path, query, request.headers(), request.bodySha256());
    }

    private static RequestDescription added(RequestDescription request, String name, String value) {
        List<RequestDescription.Header> headers = new ArrayList<>(request.headers());
        headers.add(new RequestDescription.Header(name, value));
        return new RequestDescription(request.method(), request.path(), request.query(), headers, request.bodySha256());
    }

    /** With a header's value changed; one that is changed to null is left out. */
    private static RequestDescription header(RequestDescription request, String name, UnaryOperator<String> change) {
        List<RequestDescription.Header> headers = new ArrayList<>();
        for (RequestDescription.Header header : request.headers()) {
            String value = header.name().equals(name) ? change.apply(header.value()) : header.value();
            if (value != null) {
                headers.add(new RequestDescription.Header(header.name(), value));
            }
        }
        return new RequestDescription(request.method(), request.path(), request.query(), headers, request.bodySha256());
    }

    private static MasterKey master(int first) {
        byte[] bytes = new byte[MasterKey.LENGTH];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return MasterKey.of(Base64.getEncoder().encodeToString(bytes));
    }

    private static byte[] sequence() {
        byte[] bytes = new byte[AccessKeys.RANDOM_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static JsonNode vectors() {
        try (InputStream in = RequestVerifierTest.class.getResourceAsStream("signed-requests.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
