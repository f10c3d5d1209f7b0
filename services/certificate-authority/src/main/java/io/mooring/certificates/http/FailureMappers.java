package io.mooring.certificates.http;

import io.mooring.certificates.core.Refusal;
import io.mooring.certificates.db.Transactions;
import io.mooring.certificates.x509.Signer;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns what went wrong into an answer that says so and gives nothing away. */
final class FailureMappers {
    private static final Logger LOG = Logger.getLogger(FailureMappers.class);

    @ServerExceptionMapper
    Response database(Transactions.Unavailable failure) {
        LOG.warn(failure.getMessage(), failure);
        return Problem.of(new Refusal("database_unavailable", "the database is away; try again"));
    }

    @ServerExceptionMapper
    Response key(Signer.UnusableKey failure) {
        LOG.error(failure.getMessage(), failure);
        return Problem.of(new Refusal("key_away", "the authority's private key cannot be used; the log says more"));
    }

    @ServerExceptionMapper
    Response http(WebApplicationException failure) {
        int status = failure.getResponse().getStatus();
        return Problem.of(status, new Refusal("http_" + status, "the request was not understood"));
    }

    @ServerExceptionMapper
    Response bug(RuntimeException failure) {
        LOG.error("a request failed", failure);
        return Problem.of(500, new Refusal("internal_error", "this is a fault of the service; its log says more"));
    }
}
