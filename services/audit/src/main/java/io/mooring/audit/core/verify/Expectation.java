package io.mooring.audit.core.verify;

import io.mooring.audit.core.DigestHead;
import java.util.List;

/**
 * What another place knows of the trail's digests.
 *
 * @param place for people, such as {@code the database}
 * @param heads of digests that must be there, as they are here
 * @param complete whether that place knows of all digests: those that it does not know of are a finding then
 */
public record Expectation(String place, List<DigestHead> heads, boolean complete) {
    public Expectation {
        heads = List.copyOf(heads);
    }
}
