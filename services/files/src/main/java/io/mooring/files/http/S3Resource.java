package io.mooring.files.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.mooring.contracts.access.AwsChunkedStream;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.files.Admission;
import io.mooring.files.FilesConfig;
import io.mooring.files.core.Asked;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.ResponseBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one door: every path is an object or a bucket, and what is asked stands in method, query and headers. The path is
 * taken as it came over the wire, since that is what was signed.
 */
@Path("/{path:.*}")
@RunOnVirtualThread
public class S3Resource {
    private static final Logger LOG = Logger.getLogger(S3Resource.class);
    private static final int LONGEST_AGENT = 128;

    private final Admission admission;
    private final S3Operations operations;
    private final MeterRegistry metrics;
    private final String region;

    S3Resource(Admission admission, S3Operations operations, MeterRegistry metrics, FilesConfig config) {
        this.admission = admission;
        this.operations = operations;
        this.metrics = metrics;
        this.region = config.region();
    }

    @GET
    public Response get(@Context HttpServerRequest request) {
        return answer(request, InputStream.nullInputStream());
    }

    @HEAD
    public Response head(@Context HttpServerRequest request) {
        return answer(request, InputStream.nullInputStream());
    }

    @DELETE
    public Response delete(@Context HttpServerRequest request) {
        return answer(request, InputStream.nullInputStream());
    }

    @PUT
    public Response put(@Context HttpServerRequest request, InputStream body) {
        return answer(request, body);
    }

    @POST
    public Response post(@Context HttpServerRequest request, InputStream body) {
        return answer(request, body);
    }

    private Response answer(HttpServerRequest request, InputStream body) {
        RequestDescription description = describe(request);
        String id = UUID.randomUUID().toString().replace("-", "");
        String action = "";
        try {
            guard(request);
            Asked asked = Asked.of(description.method(), description.path(), description.query());
            action = asked.action().label();
            Admission.Admitted admitted = admission.admit(description, asked, caller(request));
            Response response = operations.run(asked, description, admitted, body);
            count(action, "");
            return Response.fromResponse(response)
                    .header("x-amz-request-id", id)
                    .build();
        } catch (Refused refused) {
            return refusal(description, id, action, refused);
        } catch (AwsChunkedStream.NotAsSigned refused) {
            return refusal(description, id, action, Admission.error(refused.refusal()));
        } catch (IOException failed) {
            LOG.errorf(failed, "request %s could not be served", id);
            return refusal(
                    description, id, action, new Refused(S3Error.SERVICE_UNAVAILABLE, "try again; the log says more"));
        } catch (RuntimeException bug) {
            LOG.errorf(bug, "request %s failed", id);
            return refusal(
                    description,
                    id,
                    action,
                    new Refused(S3Error.INTERNAL_ERROR, "this is a fault of the service; its log says more"));
        }
    }

    /** Session tokens and unsigned bodies travel here: without TLS only on the machine itself. */
    private static void guard(HttpServerRequest request) throws Refused {
        if (!request.isSSL() && !isLoopback(address(request))) {
            throw new Refused(S3Error.ACCESS_DENIED, "use https");
        }
    }

    private static boolean isLoopback(String address) {
        try {
            return !address.isEmpty() && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private Response refusal(RequestDescription request, String id, String action, Refused refused) {
        count(action, refused.error().code());
        ResponseBuilder response = Response.status(refused.error().status()).header("x-amz-request-id", id);
        if (refused.error().status() == 503) {
            response.header("Retry-After", "1");
        }
        boolean mayHaveBody = request.method().equals("PUT") || request.method().equals("POST");
        if (mayHaveBody) {
            // Whatever is still to come of the body is not read.
            response.header("Connection", "close");
        }
        if (refused.error() == S3Error.AUTHORIZATION_HEADER_MALFORMED) {
            response.header("x-amz-bucket-region", region);
        }
        boolean noBody = request.method().equals("HEAD") || refused.error() == S3Error.NOT_MODIFIED;
        if (!noBody) {
            String document = S3Xml.error(refused.error(), refused.detail(), request.path(), id, region);
            response.type("application/xml").entity(document);
        }
        return response.build();
    }

    private void count(String action, String error) {
        metrics.counter("mooring.files.requests", "action", action, "error", error)
                .increment();
    }

    private static RequestDescription describe(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        return RequestDescription.of(
                request.method().name(),
                request.uri(),
                request.headers(),
                authority == null ? null : authority.toString(),
                null);
    }

    private static Admission.Caller caller(HttpServerRequest request) {
        @Nullable String agent = request.getHeader("User-Agent");
        String known = agent == null ? "" : agent.substring(0, Math.min(agent.length(), LONGEST_AGENT));
        return new Admission.Caller(address(request), known);
    }

    private static String address(HttpServerRequest request) {
        String address =
                request.remoteAddress() == null ? null : request.remoteAddress().hostAddress();
        return address == null ? "" : address;
    }
}
