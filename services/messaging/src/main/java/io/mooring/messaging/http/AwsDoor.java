package io.mooring.messaging.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.http.FailureLimiter;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.messaging.MessagingMetrics;
import io.mooring.messaging.access.AccessConfig;
import io.mooring.messaging.access.Admission;
import io.mooring.messaging.access.RefusalTrail;
import io.mooring.messaging.access.Signer;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.core.shadow.ShadowRefusal;
import io.mooring.messaging.db.DeviceStore.Device;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.UUID;
import org.jboss.logging.Logger;

/** The door that all requests in AWS' form go through: signatures in, AWS' errors out. */
@Singleton
public class AwsDoor {
    private static final Logger LOG = Logger.getLogger(AwsDoor.class);

    private final Admission admission;
    private final RequestsAtOnce atOnce;
    private final RefusalTrail trail;
    private final MessagingMetrics metrics;
    private final FailureLimiter failures;

    AwsDoor(
            Admission admission,
            RequestsAtOnce atOnce,
            RefusalTrail trail,
            MessagingMetrics metrics,
            AccessConfig config) {
        this.failures = new FailureLimiter(config.failuresPerSecond(), config.failuresBurst());
        this.admission = admission;
        this.atOnce = atOnce;
        this.trail = trail;
        this.metrics = metrics;
    }

    /** A request, as far as the door needs it. */
    record Asked(String action, HttpServerRequest request, byte[] body) {}

    /** What is done for whoever was let in. */
    @FunctionalInterface
    interface Work {
        Response answer(Signer signer) throws AwsRefusedException, SQLException, IOException;
    }

    /** What is done with a device that the signer may do it with. */
    @FunctionalInterface
    interface ThingWork {
        Response answer(Signer signer, Device device) throws AwsRefusedException, SQLException;
    }

    /** Answers a request about a device. */
    Response ofThing(Asked asked, Right right, String name, ThingWork work) {
        return answer(asked, signer -> {
            Device device = admitted(asked, signer.label(), admission.thing(signer, right, name));
            try (RequestsAtOnce.Place place = atOnce.enter(device.id())) {
                if (!place.isFree()) {
                    throw new AwsRefusedException(AwsError.THROTTLING, "too many requests at once for this thing");
                }
                return work.answer(signer, device);
            }
        });
    }

    /** Answers a request. */
    Response answer(Asked asked, Work work) {
        String id = UUID.randomUUID().toString();
        HttpServerRequest request = asked.request();
        try {
            if (!request.isSSL() && !isLoopback(request)) {
                throw new AwsRefusedException(AwsError.FORBIDDEN, "use https");
            }
            if (!failures.mayTry(address(request))) {
                throw new AwsRefusedException(AwsError.THROTTLING, "too many requests were refused; try again later");
            }
            Signer signer = admitted(asked, "", admission.signer(describe(request, asked.body())));
            return Response.fromResponse(work.answer(signer))
                    .header("x-amzn-RequestId", id)
                    .build();
        } catch (AwsRefusedException refused) {
            return refusal(id, refused);
        } catch (SQLException | IOException failed) {
            LOG.warnf("request %s could not be served: %s", id, failed);
            return refusal(id, new AwsRefusedException(AwsError.SERVICE_UNAVAILABLE, "try again; the log says more"));
        } catch (RuntimeException bug) {
            LOG.errorf(bug, "request %s failed", id);
            return refusal(
                    id,
                    new AwsRefusedException(
                            AwsError.INTERNAL_FAILURE, ShadowRefusal.failure().message()));
        }
    }

    /** Who is not let in is in the audit trail before it is answered. */
    private <T> T admitted(Asked asked, String who, Admission.Outcome<T> outcome)
            throws AwsRefusedException, IOException {
        return switch (outcome) {
            case Admission.Outcome.Admitted<T> admitted -> admitted.what();
            case Admission.Outcome.Refused<T> refused -> {
                AwsError error = error(refused.reason());
                boolean told = error != AwsError.SERVICE_UNAVAILABLE && error != AwsError.RESOURCE_NOT_FOUND;
                if (told) {
                    failures.failed(address(asked.request()));
                    trail.refused(new RefusalTrail.Refusal(
                            asked.action(),
                            who,
                            address(asked.request()),
                            asked.request().path(),
                            error.type(),
                            refused.detail()));
                }
                throw new AwsRefusedException(error, refused.detail());
            }
        };
    }

    private static AwsError error(Admission.Reason reason) {
        return switch (reason) {
            case NOT_SIGNED -> AwsError.MISSING_AUTHENTICATION;
            case WRONG_SIGNATURE -> AwsError.INVALID_SIGNATURE;
            case UNKNOWN_KEY -> AwsError.UNRECOGNIZED_CLIENT;
            case EXPIRED_KEY -> AwsError.EXPIRED_TOKEN;
            case REVOKED_KEY -> AwsError.UNAUTHORIZED;
            case FORBIDDEN -> AwsError.FORBIDDEN;
            case NO_SUCH_THING -> AwsError.RESOURCE_NOT_FOUND;
            case LATER -> AwsError.SERVICE_UNAVAILABLE;
        };
    }

    private Response refusal(String id, AwsRefusedException refused) {
        metrics.refused("aws-" + refused.error().type());
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("message", refused.message());
        body.put("traceId", id);
        Response.ResponseBuilder response = Response.status(refused.error().status())
                .type(MediaType.APPLICATION_JSON)
                .header("x-amzn-ErrorType", refused.error().type())
                .header("x-amzn-RequestId", id)
                .entity(body.toString());
        if (refused.error() == AwsError.SERVICE_UNAVAILABLE || refused.error() == AwsError.THROTTLING) {
            response.header("Retry-After", "1");
        }
        return response.build();
    }

    private static RequestDescription describe(HttpServerRequest request, byte[] body) {
        HostAndPort authority = request.authority();
        return RequestDescription.of(
                request.method().name(),
                request.uri(),
                request.headers(),
                authority == null ? null : authority.toString(),
                body);
    }

    private static boolean isLoopback(HttpServerRequest request) {
        try {
            String address = address(request);
            return !address.isEmpty() && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static String address(HttpServerRequest request) {
        String address =
                request.remoteAddress() == null ? null : request.remoteAddress().hostAddress();
        return address == null ? "" : address;
    }
}
