package io.mooring.audit.core.verify;

import io.mooring.audit.core.Digest;
import io.mooring.audit.core.TrailKey;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.core.verify.Finding.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampToken;

/** Time stamps on digests' signatures (RFC 3161): what somebody else saw cannot be made anew. */
final class Timestamps {
    private final List<TimestampAuthority> authorities;
    private final TrailVerifier.ObjectReader objects;
    private final LogFiles.Findings findings;
    private int good;

    Timestamps(List<TimestampAuthority> authorities, TrailVerifier.ObjectReader objects, LogFiles.Findings findings) {
        this.authorities = authorities;
        this.objects = objects;
        this.findings = findings;
    }

    /** Verifies the time stamp of a digest, if it has one and anybody's count. */
    void verify(Digest digest, String signature) {
        TrailLayout layout = TrailKey.of(digest.object()).orElseThrow().layout(digest.bucket());
        byte[] bytes = authorities.isEmpty() ? null : objects.read(layout.timestampKey(digest.end()));
        if (bytes == null) {
            return;
        }
        try {
            TimeStampToken token = new TimeStampToken(new CMSSignedData(bytes));
            if (!isOf(token, signature)) {
                findings.found(Code.TIMESTAMP_WRONG, digest.object(), "has a time stamp of something else");
            } else if (!isTrusted(token)) {
                findings.found(Code.TIMESTAMP_WRONG, digest.object(), "has a time stamp of no authority that counts");
            } else if (token.getTimeStampInfo().getGenTime().toInstant().isBefore(digest.end())) {
                findings.found(Code.TIMESTAMP_WRONG, digest.object(), "was stamped before its period ended");
            } else {
                good++;
            }
        } catch (IOException | CMSException | TSPException unreadable) {
            findings.found(Code.TIMESTAMP_WRONG, digest.object(), "has a time stamp that cannot be read");
        }
    }

    private boolean isTrusted(TimeStampToken token) throws IOException {
        for (TimestampAuthority authority : authorities) {
            if (authority.signed(token)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOf(TimeStampToken token, String signature) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(signature.getBytes(StandardCharsets.US_ASCII));
            return token.getTimeStampInfo().getMessageImprintAlgOID().equals(TSPAlgorithms.SHA256)
                    && Arrays.equals(hash, token.getTimeStampInfo().getMessageImprintDigest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    int good() {
        return good;
    }
}
