package io.mooring.logs.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.http.FailureLimiter;
import io.mooring.chassis.http.TokenBuckets;
import io.mooring.logs.LineBody;
import io.mooring.logs.LogMetrics;
import io.mooring.logs.LogsConfig;
import io.mooring.logs.access.AccessConfig;
import io.mooring.logs.access.Admission;
import io.mooring.logs.access.Admission.Signer;
import io.mooring.logs.access.RefusalTrail;
import io.mooring.logs.core.Outcome;
import io.mooring.logs.core.Refusal;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.sql.SQLException;
import java.util.UUID;
import org.jboss.logging.Logger;

/** The door that requests in AWS' form go through (JSON 1.1): signatures in, AWS' errors out. */
@Singleton
public class AwsDoor {
    private static final Logger LOG = Logger.getLogger(AwsDoor.class);
    private static final String TYPE = "application/x-amz-json-1.1";

    private final Admission admission;
    private final RefusalTrail trail;
    private final LogMetrics metrics;
    private final FailureLimiter failures;
    private final TokenBuckets requests;
    private final int inflatedBytes;

    AwsDoor(Admission admission, RefusalTrail trail, LogMetrics metrics, AccessConfig access, LogsConfig config) {
        this.admission = admission;
        this.trail = trail;
        this.metrics = metrics;
        this.failures = new FailureLimiter(access.failuresPerSecond(), access.failuresBurst());
        this.requests = new TokenBuckets(
                config.limits().requestsPerSecond(), config.limits().requestBurst());
        this.inflatedBytes = config.limits().inflatedBytes();
    }

    /** A request, as far as the door needs it. */
    record Asked(String operation, HttpServerRequest request, byte[] body) {}

    /** What is done for the device that asks. */
    @FunctionalInterface
    interface Work {
        ObjectNode answer(Signer.Device device, JsonNode asked) throws AwsRefusedException, SQLException, IOException;
    }

    /** Answers a request. */
    Response answer(Asked asked, Work work) {
        HttpServerRequest request = asked.request();
        try {
            if (!WireRequest.isPrivate(request)) {
                throw new AwsRefusedException(AwsError.ACCESS_DENIED, "use https");
            }
            if (!failures.mayTry(WireRequest.address(request))) {
                throw new AwsRefusedException(AwsError.THROTTLING, "too many requests were refused; try again later");
            }
            Signer.Device device = admitted(asked);
            if (!requests.take(device.id(), System.nanoTime())) {
                throw new AwsRefusedException(AwsError.THROTTLING, "Rate exceeded");
            }
            return response(200, work.answer(device, json(asked.body())));
        } catch (AwsRefusedException refused) {
            return refusal(refused);
        } catch (SQLException | IOException failed) {
            LOG.warnf("a request in AWS' form could not be served: %s", failed);
            return refusal(new AwsRefusedException(AwsError.UNAVAILABLE, "try again; the log says more"));
        } catch (RuntimeException bug) {
            LOG.error("a request in AWS' form failed", bug);
            return refusal(new AwsRefusedException(
                    AwsError.INTERNAL_FAILURE, "this is a fault of the service; its log says more"));
        }
    }

    private Signer.Device admitted(Asked asked) throws AwsRefusedException, SQLException, IOException {
        return switch (admission.signer(WireRequest.describe(asked.request(), asked.body()))) {
            case Signer.Device device -> device;
            case Signer.Refused refused -> {
                AwsError error = AwsError.of(refused.reason());
                if (error != AwsError.UNAVAILABLE) {
                    tell(asked, refused.who(), "", error, refused.detail());
                }
                throw new AwsRefusedException(error, refused.detail());
            }
        };
    }

    /** A device wants what is another's. Whoever is refused is in the audit trail before it is answered. */
    AwsRefusedException anothers(Asked asked, Signer.Device device, String resource) throws IOException {
        String detail =
                "the key is for the log stream " + device.id() + " and those that begin with " + device.id() + "/";
        tell(asked, device.id(), resource, AwsError.ACCESS_DENIED, detail);
        return new AwsRefusedException(AwsError.ACCESS_DENIED, detail);
    }

    private void tell(Asked asked, String who, String resource, AwsError error, String detail) throws IOException {
        failures.failed(WireRequest.address(asked.request()));
        trail.refused(new RefusalTrail.Refusal(
                asked.operation(), who, WireRequest.address(asked.request()), resource, error.type(), detail));
    }

    private JsonNode json(byte[] body) throws AwsRefusedException {
        return switch (LineBody.inflate(body, inflatedBytes)) {
            case Outcome.Done<byte[]>(byte[] plain) -> {
                try {
                    yield Json.read(plain);
                } catch (IOException none) {
                    throw new AwsRefusedException(AwsError.SERIALIZATION, "the body is no JSON in UTF-8");
                }
            }
            case Outcome.Refused<byte[]>(Refusal refusal) ->
                throw new AwsRefusedException(AwsError.SERIALIZATION, refusal.detail());
        };
    }

    private Response refusal(AwsRefusedException refused) {
        metrics.refused("aws-" + refused.error().type());
        ObjectNode body = Json.object().put("__type", refused.error().type()).put("message", refused.message());
        return Response.fromResponse(response(refused.error().status(), body))
                .header("x-amzn-ErrorType", refused.error().type())
                .build();
    }

    private static Response response(int status, ObjectNode body) {
        return Response.status(status)
                .type(TYPE)
                .header("x-amzn-RequestId", UUID.randomUUID().toString())
                .entity(body.toString())
                .build();
    }
}
