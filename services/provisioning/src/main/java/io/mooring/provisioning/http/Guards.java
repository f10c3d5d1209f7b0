package io.mooring.provisioning.http;

import io.mooring.provisioning.authority.CertificateAuthorityClient;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.db.Transactions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Keeps plain HTTP on the machine, and turns what went wrong into an answer that gives nothing away. */
final class Guards {
    private static final Logger LOG = Logger.getLogger(Guards.class);

    /** Tokens and passwords travel here: without TLS only from the machine itself. */
    @ServerRequestFilter(preMatching = true)
    @Nullable
    Response secure(HttpServerRequest request, UriInfo uri) {
        return request.isSSL() || isLoopback(request.remoteAddress())
                ? null
                : refusal(uri, new Refusal("not_secure", "use https"));
    }

    private static boolean isLoopback(@Nullable SocketAddress address) {
        if (address == null || address.hostAddress() == null) {
            return false;
        }
        try {
            return InetAddress.getByName(address.hostAddress()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @ServerExceptionMapper
    Response database(Transactions.Unavailable failure, UriInfo uri) {
        LOG.warn(failure.getMessage(), failure);
        return refusal(uri, new Refusal("database_unavailable", "the database is away; try again"));
    }

    @ServerExceptionMapper
    Response authority(CertificateAuthorityClient.Unavailable failure, UriInfo uri) {
        LOG.warn(failure.getMessage(), failure);
        return refusal(uri, new Refusal("authority_unavailable", "the certificate authority is away; try again"));
    }

    @ServerExceptionMapper
    Response http(WebApplicationException failure, UriInfo uri) {
        int status = failure.getResponse().getStatus();
        Refusal refusal = new Refusal("http_" + status, "the request was not understood");
        return isOperators(uri)
                ? Answers.problem(status, refusal)
                : Answers.json(status, Answers.object().put("error", refusal.detail()));
    }

    @ServerExceptionMapper
    Response bug(RuntimeException failure, UriInfo uri) {
        LOG.error("a request failed", failure);
        return refusal(uri, new Refusal("internal_error", "this is a fault of the service; its log says more"));
    }

    private static Response refusal(UriInfo uri, Refusal refusal) {
        if (uri.getPath().startsWith("/.well-known/est/")) {
            return Answers.estError(refusal);
        }
        return isOperators(uri) ? Answers.problem(refusal) : Answers.deviceError(refusal);
    }

    private static boolean isOperators(UriInfo uri) {
        return uri.getPath().startsWith("/api/");
    }
}
