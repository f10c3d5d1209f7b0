package io.mooring.files.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests may ask for, and what is made of it. */
class RequestsTest {
    private static final Owner OWNER = new Owner("main", "ABCDEF1234");

    @ParameterizedTest
    @CsvSource({
        "GET, /main/D/x, '', GET_OBJECT",
        "HEAD, /main/D/x, '', HEAD_OBJECT",
        "PUT, /main/D/x, 'x-id=PutObject', PUT_OBJECT",
        "PUT, /main/D/x, 'partNumber=1&uploadId=u', UPLOAD_PART",
        "POST, /main/D/x, 'uploads', CREATE_MULTIPART_UPLOAD",
        "POST, /main/D/x, 'uploadId=u', COMPLETE_MULTIPART_UPLOAD",
        "DELETE, /main/D/x, '', DELETE_OBJECT",
        "DELETE, /main/D/x, 'uploadId=u', ABORT_MULTIPART_UPLOAD",
        "GET, /main, 'list-type=2&prefix=D%2F', LIST_OBJECTS",
        "GET, /main/, 'list-type=2', LIST_OBJECTS",
        "GET, /main, 'location', GET_BUCKET_LOCATION",
        "HEAD, /main, '', HEAD_BUCKET",
    })
    void knowsWhatIsAsked(String method, String path, String query, Action action) throws Refused {
        assertThat(Asked.of(method, path, query).action()).isEqualTo(action);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /main/D/x, acl, NOT_IMPLEMENTED",
        "PUT, /main/D/x, tagging, NOT_IMPLEMENTED",
        "GET, /main, '', NOT_IMPLEMENTED",
        "PUT, /main, '', NOT_IMPLEMENTED",
        "POST, /main, delete, NOT_IMPLEMENTED",
        "PATCH, /main/D/x, '', METHOD_NOT_ALLOWED",
        "GET, /main/%zz, '', INVALID_URI",
        "GET, /main/x, 'a=%2', INVALID_URI",
    })
    void refusesWhatIsNotOffered(String method, String path, String query, S3Error error) {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> Asked.of(method, path, query))
                .satisfies(refused -> assertThat(refused.error()).isEqualTo(error));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ABCDEF1234/",
                "ABCDEF1235/x",
                "ABCDEF12345/x",
                "ABCDEF1234/../ABCDEF1235/x",
                "ABCDEF1234/a/./b",
                "ABCDEF1234/..",
                "ABCDEF1234/a\u0000b",
                "ABCDEF1234/a\nb",
                "ABCDEF1234/\uFFFD",
                "ABCDEF1234/\uD800"
            })
    void refusesKeysThatAreNotItsOwnOrNotPlain(String key) {
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> ObjectKey.of(OWNER, key));
    }

    @Test
    void takesTheLongestKeyThereIs() throws Refused {
        String longest =
                OWNER.prefix() + "x".repeat(ObjectKey.LONGEST - OWNER.prefix().length());

        assertThat(ObjectKey.of(OWNER, longest).key()).isEqualTo(longest);
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> ObjectKey.of(OWNER, longest + "x"));
    }

    @ParameterizedTest
    @CsvSource({"bytes=0-9, 0, 10", "bytes=90-200, 90, 10", "bytes=99-, 99, 1", "bytes=-5, 95, 5", "bytes=-500, 0, 100"
    })
    void cutsRanges(String header, long first, long length) throws Refused {
        assertThat(ByteRange.of(header, 100)).contains(new ByteRange(first, length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", "nonsense"})
    void ignoresRangesItNeedNotKnow(String header) throws Refused {
        assertThat(ByteRange.of(header, 100)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=100-", "bytes=100-200", "bytes=-0"})
    void refusesRangesOutside(String header) {
        assertThatExceptionOfType(Refused.class).isThrownBy(() -> ByteRange.of(header, 100));
    }

    @ParameterizedTest
    @CsvSource({
        "MD5, 25f9e794323b453885f5181f1b624d0b",
        "CRC32, cbf43926",
        "CRC32C, e3069283",
        "CRC64NVME, ae8b14860a799888",
        "SHA1, f7c3bc1d808e04732adf679965ccc34ca7ae3441",
        "SHA256, 15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
    })
    void calculatesTheCheckValues(Checksum checksum, String ofOneToNine) {
        Checksum.Calculation calculation = checksum.start();
        calculation.update("123456789".getBytes(StandardCharsets.US_ASCII), 0, 9);

        assertThat(HexFormat.of().formatHex(calculation.value())).isEqualTo(ofOneToNine);
    }
}
