package io.mooring.certificates.x509;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.Outcome;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/** Checks the certificates of an authority made elsewhere before anything rests on them (RFC 5280, section 6.1). */
public final class AuthorityChain {
    private static final int MAX_LENGTH = 8;

    private AuthorityChain() {}

    /**
     * Takes a chain, the authority's own certificate first and the self-signed one last, if it may be
     * used under a name; refused with {@code bad_chain}.
     */
    public static Outcome<List<Certificate>> check(List<Certificate> chain, AuthorityName name, Instant now) {
        if (chain.isEmpty() || chain.size() > MAX_LENGTH) {
            return bad("there must be 1 to " + MAX_LENGTH + " certificates, the authority's own first");
        }
        try {
            for (int i = 0; i < chain.size(); i++) {
                boolean last = i == chain.size() - 1;
                Certificate issuer = last ? chain.get(i) : chain.get(i + 1);
                if (!isSignedBy(chain.get(i), issuer)) {
                    return bad(
                            last
                                    ? "the last certificate is not a self-signed one: the chain must be whole"
                                    : "certificate " + (i + 1) + " is not signed by the next");
                }
                // The root signs issuing authorities, so there is one more below it.
                int below = i + (name instanceof AuthorityName.Root ? 1 : 0);
                if (!maySignAuthorities(chain.get(i), below)) {
                    return bad("certificate " + (i + 1) + " does not allow an authority " + below + " below it");
                }
                if (now.isAfter(chain.get(i).getEndDate().getDate().toInstant())
                        || now.isBefore(chain.get(i).getStartDate().getDate().toInstant())) {
                    return bad("certificate " + (i + 1) + " is not valid now");
                }
            }
            SignatureScheme.of(chain.getFirst().getSubjectPublicKeyInfo());
            return Outcome.done(List.copyOf(chain));
        } catch (Exception unusable) {
            return bad("the certificates cannot be used: " + unusable.getMessage());
        }
    }

    private static boolean isSignedBy(Certificate certificate, Certificate issuer) throws Exception {
        return certificate.getIssuer().equals(issuer.getSubject())
                && new X509CertificateHolder(certificate)
                        .isSignatureValid(new JcaContentVerifierProviderBuilder()
                                .setProvider(Crypto.PROVIDER)
                                .build(issuer.getSubjectPublicKeyInfo()));
    }

    private static boolean maySignAuthorities(Certificate certificate, int below) {
        Extensions extensions = certificate.getTBSCertificate().getExtensions();
        BasicConstraints constraints = extensions == null ? null : BasicConstraints.fromExtensions(extensions);
        if (constraints == null || !constraints.isCA()) {
            return false;
        }
        KeyUsage usage = KeyUsage.fromExtensions(extensions);
        boolean signs = usage == null || usage.hasUsages(KeyUsage.keyCertSign | KeyUsage.cRLSign);
        return signs
                && (constraints.getPathLenConstraint() == null
                        || constraints.getPathLenConstraint().intValueExact() >= below);
    }

    private static <T> Outcome<T> bad(String detail) {
        return Outcome.refused("bad_chain", detail);
    }
}
