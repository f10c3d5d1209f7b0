package io.mooring.certificates.x509;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Project Wycheproof's signatures on P-256 and P-384, against the very check that a request must pass. {@code
 * wycheproof/fetch} brings the vectors; without them the test is skipped, in continuous integration it fails.
 */
class WycheproofTest {
    private static final Path VECTORS = Path.of(System.getProperty("mooring.wycheproof", "wycheproof/target/vectors"));

    @BeforeAll
    static void needsTheVectors() {
        boolean there = Files.isDirectory(VECTORS);
        if (!there && System.getenv("CI") != null) {
            throw new AssertionError("no vectors in " + VECTORS.toAbsolutePath() + ": run wycheproof/fetch");
        }
        if (!there) {
            System.err.println("SKIPPED: WycheproofTest: run services/certificate-authority/wycheproof/fetch first");
        }
        Assumptions.assumeTrue(there, "SKIPPED: wycheproof/fetch was not run");
    }

    @ParameterizedTest(name = "{0} with {1}")
    @CsvSource({
        "secp256r1, sha256",
        "secp256r1, sha512",
        "secp384r1, sha256",
        "secp384r1, sha384",
        "secp384r1, sha512",
    })
    void agreesOnEverySignature(String curve, String hash) throws Exception {
        Path file = VECTORS.resolve("ecdsa_" + curve + "_" + hash + "_test.json");
        JsonNode vectors = new ObjectMapper().readTree(Files.readString(file));

        List<String> wrong = new ArrayList<>();
        int checked = 0;
        for (JsonNode group : vectors.path("testGroups")) {
            PublicKey key = RequestReader.publicKey(SubjectPublicKeyInfo.getInstance(bytes(group, "publicKeyDer")));
            for (JsonNode one : group.path("tests")) {
                boolean holds = ProofOfPossession.holds(key, algorithm(hash), bytes(one, "msg"), bytes(one, "sig"));
                String result = one.path("result").asText();
                if (!result.equals("acceptable") && holds != result.equals("valid")) {
                    wrong.add(one.path("tcId") + " is " + result + ": " + one.path("comment"));
                }
                checked++;
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(checked).isEqualTo(vectors.path("numberOfTests").asInt()).isGreaterThan(400);
    }

    private static AlgorithmIdentifier algorithm(String hash) {
        ASN1ObjectIdentifier id = switch (hash) {
            case "sha256" -> X9ObjectIdentifiers.ecdsa_with_SHA256;
            case "sha384" -> X9ObjectIdentifiers.ecdsa_with_SHA384;
            case "sha512" -> X9ObjectIdentifiers.ecdsa_with_SHA512;
            default -> throw new IllegalArgumentException(hash);
        };
        return new AlgorithmIdentifier(id);
    }

    private static byte[] bytes(JsonNode object, String name) throws IOException {
        String hex = Objects.requireNonNull(object.get(name), name).textValue();
        return HexFormat.of().parseHex(hex);
    }
}
