package io.mooring.bench.issuance;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;

/** Requests of devices, each with a key of its own on P-256. */
final class SigningRequests {
    static final Provider PROVIDER = new BouncyCastleProvider();

    private SigningRequests() {}

    /**
     * A device's request.
     *
     * @param der PKCS#10
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    record SigningRequest(String device, byte[] der) {}

    static List<SigningRequest> make(int count) throws Exception {
        KeyPairGenerator generator = generator();
        List<SigningRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String device = "BENCH%05d".formatted(i);
            KeyPair key = generator.generateKeyPair();
            byte[] der = new PKCS10CertificationRequestBuilder(
                            new X500Name("CN=" + device),
                            SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()))
                    .build(new JcaContentSignerBuilder("SHA256withECDSA")
                            .setProvider(PROVIDER)
                            .build(key.getPrivate()))
                    .getEncoded();
            requests.add(new SigningRequest(device, der));
        }
        return requests;
    }

    static KeyPairGenerator generator() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", PROVIDER);
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator;
    }
}
