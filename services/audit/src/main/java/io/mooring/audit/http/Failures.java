package io.mooring.audit.http;

import io.mooring.chassis.http.Problems;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Locale;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What went wrong before or beside a call, in the one form that all errors have. */
public class Failures {
    private static final Logger LOG = Logger.getLogger(Failures.class);

    @ServerExceptionMapper
    Response away(SQLException failure) {
        LOG.warnf("a request could not be served, the database is away or refuses: %s", failure);
        return later("The database is away; try again.");
    }

    @ServerExceptionMapper
    Response away(IOException failure) {
        LOG.warnf("a request could not be served: %s", failure);
        return later("The trail's store or Kafka is away, and who reads the trail is told to the trail; try again.");
    }

    private static Response later(String detail) {
        return Response.fromResponse(Problems.of(503, "unavailable", detail))
                .header("Retry-After", "1")
                .build();
    }

    @ServerExceptionMapper
    Response refused(WebApplicationException refusal) {
        int status = refusal.getResponse().getStatus();
        String reason = refusal.getResponse().getStatusInfo().getReasonPhrase();
        String code = reason.toLowerCase(Locale.ROOT).replace(' ', '-');
        return Problems.of(status, code.isEmpty() ? "refused" : code, reason + ".");
    }
}
