package io.mooring.bench.issuance;

import java.security.KeyPair;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** The limit: a request parsed and verified, and as many bytes as a certificate has signed on P-256, and nothing else. */
final class BareSigning {
    private static final int BYTES = 600;

    private BareSigning() {}

    static Repeated.Rate measure(IssuanceOptions options, List<SigningRequests.SigningRequest> requests)
            throws Exception {
        KeyPair authority = SigningRequests.generator().generateKeyPair();
        byte[] prepared = new byte[BYTES];
        List<Callable<Repeated.Step>> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            int first = i * 997;
            threads.add(() -> turn -> {
                byte[] der =
                        requests.get((int) ((first + turn) % requests.size())).der();
                PKCS10CertificationRequest request = new PKCS10CertificationRequest(der);
                boolean proven = request.isSignatureValid(new JcaContentVerifierProviderBuilder()
                        .setProvider(SigningRequests.PROVIDER)
                        .build(request.getSubjectPublicKeyInfo()));
                Signature signature = Signature.getInstance("SHA256withECDSA", SigningRequests.PROVIDER);
                signature.initSign(authority.getPrivate());
                signature.update(prepared);
                if (!proven || signature.sign().length < 64) {
                    throw new IllegalStateException("a request does not verify");
                }
            });
        }
        return Repeated.measure(options.warmSeconds(), options.measureSeconds(), threads);
    }
}
