package io.mooring.provisioning.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.core.Registration;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonBodyTest {
    @Test
    void keepsEverythingADeviceSaysExceptItsProductsToken() {
        Registration registration = read("""
                {"id":"ABCDEF1234","product":"SECRET","name":"Demo","description":"A demo","model":"D1",
                 "created":"1970-01-01T00:00:00.000Z","test":true,"level":1.50,"parts":[{"a":null}]}
                """);

        assertThat(registration.id()).isEqualTo("ABCDEF1234");
        assertThat(registration.description().orElseThrow().name()).isEqualTo("Demo");
        assertThat(registration.description().orElseThrow().description()).isEqualTo("A demo");
        assertThat(registration.description().orElseThrow().model()).isEqualTo("D1");
        assertThat(registration.description().orElseThrow().properties())
                .isEqualTo("{\"created\":\"1970-01-01T00:00:00.000Z\",\"test\":true,\"level\":1.50,"
                        + "\"parts\":[{\"a\":null}]}");
        assertThat(registration.owner()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`{\"id\":\"ABCDEF1234\",\"account\":\"acme\",\"cloud\":\"main\"}`, true",
                "`{\"id\":\"ABCDEF1234\",\"account\":\"acme\"}`, false",
                "`{\"id\":\"ABCDEF1234\",\"cloud\":\"main\"}`, false",
                "`{\"id\":\"ABCDEF1234\",\"account\":\"all\",\"cloud\":\"main\"}`, false",
                "`{\"id\":\"ABCDEF1234\",\"account\":\"a/b\",\"cloud\":\"main\"}`, false",
                "`{\"id\":\"ABCDEF1234\",\"account\":\"acme\",\"cloud\":\"01HZX\"}`, false"
            })
    void readsAnOwnerOnlyIfBothAreNamed(String body, boolean named) {
        assertThat(read(body).owner()).isEqualTo(named ? Optional.of(new Owner("main", "acme")) : Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`{`, malformed_json",
                "`[]`, malformed_json",
                "`\"x\"`, malformed_json",
                "`{} {}`, malformed_json",
                "`{\"id\":\"abc\"}`, bad_id",
                "`{\"id\":1234567890}`, bad_id",
                "`{\"id\":\"ABCDEF1234\",\"x\":\"\\u0000\"}`, bad_text",
                "`{\"id\":\"ABCDEF1234\",\"\\u0000\":1}`, bad_text",
                "`{\"id\":\"ABCDEF1234\",\"x\":[\"\\ud800\"]}`, bad_text",
                "`{\"id\":\"ABCDEF1234\",\"x\":{\"y\":\"\\udc00\\ud800\"}}`, bad_text"
            })
    void refusesWhatItCannotKeep(String body, String code) {
        assertThat(refused(body)).isEqualTo(code);
    }

    @Test
    void takesTextOutsideTheBasicPlane() {
        assertThat(read("{\"id\":\"ABCDEF1234\",\"name\":\"\\ud83d\\ude80\"}")
                        .description()
                        .orElseThrow()
                        .name())
                .isEqualTo("🚀");
    }

    @Test
    void refusesWhatIsTooLong() {
        assertThat(refused("{\"id\":\"ABCDEF1234\",\"name\":\"" + "x".repeat(129) + "\"}"))
                .isEqualTo("too_large");
        assertThat(refused("{\"id\":\"ABCDEF1234\",\"x\":\"" + "x".repeat(17_000) + "\"}"))
                .isEqualTo("too_large");
        assertThat(refused("[".repeat(10_000))).isEqualTo("malformed_json");
    }

    @Property
    void survivesAnyBytes(@ForAll byte[] body) {
        assertThat(JsonBody.registration(body)).isInstanceOf(Outcome.Refused.class);
    }

    private static Registration read(String body) {
        Outcome<Registration> outcome = JsonBody.registration(body.getBytes(StandardCharsets.UTF_8));
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done<Registration>) outcome).value();
    }

    private static String refused(String body) {
        return JsonBody.registration(body.getBytes(StandardCharsets.UTF_8))
                        instanceof Outcome.Refused<Registration>(Refusal refusal)
                ? refusal.code()
                : "";
    }
}
