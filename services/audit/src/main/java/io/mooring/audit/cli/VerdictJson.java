package io.mooring.audit.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.verify.Finding;
import io.mooring.audit.core.verify.Verdict;

/** A verdict for programs. */
final class VerdictJson {
    private VerdictJson() {}

    static ObjectNode of(Verdict verdict) {
        ObjectNode json = Json.object()
                .put("valid", verdict.isGood())
                .put("digests", verdict.digests())
                .put("logFiles", verdict.logFiles())
                .put("records", verdict.records())
                .put("unnumbered", verdict.unnumbered())
                .put("pending", verdict.pending())
                .put("stamped", verdict.stamped());
        verdict.head().ifPresent(head -> json.set("head", head.toJson()));
        ArrayNode findings = json.putArray("findings");
        for (Finding finding : verdict.findings()) {
            findings.addObject()
                    .put("code", finding.code().label())
                    .put("place", finding.place())
                    .put("detail", finding.detail());
        }
        return json;
    }
}
