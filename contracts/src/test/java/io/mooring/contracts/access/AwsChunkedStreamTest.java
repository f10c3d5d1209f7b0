package io.mooring.contracts.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsChunkedStreamTest {
    private static final byte[] KEY = "a signing key".getBytes(StandardCharsets.UTF_8);
    private static final String TIME = "20261123T120100Z";
    private static final String SCOPE = "20261123/local-1/s3/aws4_request";
    private static final String SEED = "0".repeat(64);
    private static final String TRAILER = "x-amz-checksum-crc32";

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    void readsWhatWasWritten(boolean signed, boolean trailer) throws IOException {
        byte[] content = content(200_000);

        AwsChunkedStream stream = stream(written(content, 65_536, signed, trailer), signed, trailer);

        assertThat(stream.readAllBytes()).isEqualTo(content);
        assertThat(stream.trailers()).hasSize(trailer ? 1 : 0);
        assertThat(stream.read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsNothing(boolean trailer) throws IOException {
        assertThat(stream(written(new byte[0], 10, true, trailer), true, trailer)
                        .readAllBytes())
                .isEmpty();
    }

    @Test
    void refusesAnyChangeOfWhatIsSigned() throws IOException {
        byte[] content = content(50);
        byte[] written = written(content, 20, true, true);
        for (int i = 0; i < written.length; i++) {
            byte[] changed = written.clone();
            changed[i] ^= 1;
            // Letters of a size or a name may change their case and mean the same; content never changes unseen.
            try (AwsChunkedStream stream = stream(changed, true, true)) {
                assertThat(stream.readAllBytes()).isEqualTo(content);
            } catch (IOException refused) {
                assertThat(refused).isNotNull();
            }
        }
    }

    @Test
    void refusesChunksInAnotherOrderOrLeftOut() throws IOException {
        byte[] written = written(content(60), 20, true, false);
        int chunk = (written.length - ("0;chunk-signature=".length() + 64 + 4)) / 3;
        byte[] swapped = written.clone();
        System.arraycopy(written, 0, swapped, chunk, chunk);
        System.arraycopy(written, chunk, swapped, 0, chunk);
        byte[] shorter = new byte[written.length - chunk];
        System.arraycopy(written, chunk, shorter, 0, shorter.length);

        for (byte[] wrong : List.of(swapped, shorter)) {
            assertThatExceptionOfType(AwsChunkedStream.NotAsSigned.class)
                    .isThrownBy(() -> stream(wrong, true, false).readAllBytes())
                    .satisfies(refused ->
                            assertThat(refused.refusal().reason()).isEqualTo(AccessRefusal.Reason.WRONG_SIGNATURE));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5\r\nhel",
                "5\r\nhelloX\r\n0\r\n\r\n",
                "-5\r\nhello\r\n0\r\n\r\n",
                "fffffffffffffffff\r\nhello",
                "5 \r\nhello\r\n0\r\n\r\n",
                "5\nhello\r\n0\r\n\r\n",
                "5\r\nhello\r\n",
                "5\r\nhello\r\n0\r\nx-amz-meta-a:b\r\n\r\n",
                "5\r\nhello\r\n0\r\n\r\nmore",
                "5\r\nhello\r\n0\r\n\r\n",
            })
    void refusesWhatIsNotOfTheForm(String body) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> stream(body.getBytes(StandardCharsets.ISO_8859_1), false, true)
                        .readAllBytes());
    }

    @Test
    void refusesEndlessLines() {
        byte[] line = "1".repeat(1_000_000).getBytes(StandardCharsets.US_ASCII);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> stream(line, false, false).readAllBytes());
    }

    @Property(tries = 500)
    void anythingAtAllIsReadOrRefused(@ForAll byte[] body) {
        assertThatCode(() -> {
                    try {
                        stream(body, true, true).readAllBytes();
                    } catch (IOException refused) {
                        assertThat(refused).isNotNull();
                    }
                })
                .doesNotThrowAnyException();
    }

    private static AwsChunkedStream stream(byte[] body, boolean signed, boolean trailer) {
        @Nullable ChunkSignatures signatures = signed ? new ChunkSignatures(KEY, TIME, SCOPE, SEED) : null;
        return new AwsChunkedStream(
                new ByteArrayInputStream(body),
                new PayloadProof.Chunks(signatures, trailer),
                trailer ? Set.of(TRAILER) : Set.of());
    }

    /** As a client writes it, by the book and by hand. */
    private static byte[] written(byte[] content, int chunk, boolean signed, boolean trailer) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String previous = SEED;
        for (int at = 0; at <= content.length; at += chunk) {
            int length = Math.min(chunk, content.length - at);
            byte[] part = Arrays.copyOfRange(content, at, at + length);
            previous = chunk(out, part, previous, signed);
            if (length == 0) {
                break;
            }
            if (at + chunk >= content.length) {
                previous = chunk(out, new byte[0], previous, signed);
                break;
            }
        }
        if (trailer) {
            String line = TRAILER + ":AAAAAA==";
            out.writeBytes((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
            if (signed) {
                String text = String.join(
                        "\n",
                        "AWS4-HMAC-SHA256-TRAILER",
                        TIME,
                        SCOPE,
                        previous,
                        Digests.sha256Hex((line + "\n").getBytes(StandardCharsets.US_ASCII)));
                out.writeBytes(("x-amz-trailer-signature:" + RequestVerifier.hex(Digests.hmac(KEY, text)) + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
            }
        }
        out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static String chunk(ByteArrayOutputStream out, byte[] part, String previous, boolean signed) {
        String text = String.join(
                "\n", "AWS4-HMAC-SHA256-PAYLOAD", TIME, SCOPE, previous, Digests.OF_NOTHING, Digests.sha256Hex(part));
        String signature = RequestVerifier.hex(Digests.hmac(KEY, text));
        String head = Integer.toHexString(part.length) + (signed ? ";chunk-signature=" + signature : "") + "\r\n";
        out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(part);
        if (part.length > 0) {
            out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return signature;
    }

    private static byte[] content(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
