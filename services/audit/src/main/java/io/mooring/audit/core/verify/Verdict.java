package io.mooring.audit.core.verify;

import io.mooring.audit.core.DigestHead;
import java.util.List;
import java.util.Optional;

/**
 * What was found.
 *
 * @param digests how many there are
 * @param logFiles how many were named and found as they should be
 * @param records in those
 * @param unnumbered those of them whose sources do not count
 * @param pending log files that are younger than the last digest: the next will name them
 * @param stamped how many digests bear a good time stamp
 * @param head of the last digest; keep it somewhere else
 * @param findings empty if all is well
 */
public record Verdict(
        int digests,
        int logFiles,
        long records,
        long unnumbered,
        int pending,
        int stamped,
        Optional<DigestHead> head,
        List<Finding> findings) {
    public Verdict {
        findings = List.copyOf(findings);
    }

    public boolean isGood() {
        return findings.isEmpty();
    }
}
