package io.mooring.certificates.x509;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.KeyAlgorithm;
import io.mooring.certificates.core.Validity;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.bouncycastle.asn1.x509.Certificate;

/** Makes authorities with their keys at hand. */
public final class TestAuthorities {
    private static final SecureRandom RANDOM = new SecureRandom();

    private TestAuthorities() {}

    public static Authority root(CertificateProfile profile, KeyAlgorithm algorithm, Validity validity) {
        Signer signer = signer(algorithm);
        Certificate certificate = signer.sign(profile.prepareRoot(signer, validity));
        return authority(new AuthorityName.Root(), Optional.empty(), certificate, signer, validity);
    }

    public static Authority issuing(
            CertificateProfile profile, KeyAlgorithm algorithm, AuthorityName name, Validity validity, Authority root) {
        Signer signer = signer(algorithm);
        Certificate certificate =
                root.requireSigner().sign(profile.prepareIssuing(name, signer.publicKey(), validity, root));
        return authority(name, Optional.of(root.id()), certificate, signer, validity);
    }

    public static Signer signer(KeyAlgorithm algorithm) {
        KeyPair pair = KeyPairs.make(algorithm, RANDOM);
        return Signer.inMemory(pair.getPrivate(), KeyPairs.publicKey(pair), RANDOM);
    }

    private static Authority authority(
            AuthorityName name, Optional<UUID> issuer, Certificate certificate, Signer signer, Validity validity) {
        return new Authority(
                UUID.randomUUID(),
                name,
                issuer,
                certificate,
                validity,
                List.of(),
                Optional.of(signer),
                validity.notBefore(),
                Optional.empty());
    }
}
