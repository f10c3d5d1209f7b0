package io.mooring.audit.core.verify;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Store;

/**
 * One who says that something was there at a time (RFC 3161).
 *
 * @param certificate of the authority itself, or of the one that issued its certificate
 */
public record TimestampAuthority(X509Certificate certificate) {
    /**
     * Whether a token was signed by this authority. What it is of is another question.
     *
     * @throws IOException if the token cannot be read
     */
    boolean signed(TimeStampToken token) throws IOException {
        try {
            X509CertificateHolder own = new JcaX509CertificateHolder(certificate);
            if (token.getSID().match(own)) {
                return isValid(token, own);
            }
            Store<X509CertificateHolder> shown = token.getCertificates();
            for (Object match : shown.getMatches(token.getSID())) {
                X509CertificateHolder signer = (X509CertificateHolder) match;
                boolean issued = signer.isSignatureValid(new JcaContentVerifierProviderBuilder().build(certificate));
                if (issued && isValid(token, signer)) {
                    return true;
                }
            }
            return false;
        } catch (GeneralSecurityException | OperatorCreationException | CertException unreadable) {
            throw new IOException(unreadable);
        }
    }

    /** RFC 3161, section 2.3: the certificate must be for time stamping alone, and have been valid then. */
    private static boolean isValid(TimeStampToken token, X509CertificateHolder signer)
            throws OperatorCreationException, CertificateException {
        try {
            token.validate(new JcaSimpleSignerInfoVerifierBuilder().build(signer));
            return true;
        } catch (TSPException not) {
            return false;
        }
    }
}
