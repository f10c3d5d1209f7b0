package io.mooring.metrics.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.http.FailureLimiter;
import io.mooring.chassis.http.TokenBuckets;
import io.mooring.metrics.IngestMetrics;
import io.mooring.metrics.MetricsConfig;
import io.mooring.metrics.PointBody;
import io.mooring.metrics.access.AccessConfig;
import io.mooring.metrics.access.Admission;
import io.mooring.metrics.access.Admission.Signer;
import io.mooring.metrics.access.RefusalTrail;
import io.mooring.metrics.core.Outcome;
import io.mooring.metrics.core.Refusal;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.sql.SQLException;
import org.jboss.logging.Logger;

/** The door that requests in AWS' forms go through: signatures in, AWS' errors out. */
@Singleton
public class AwsDoor {
    private static final Logger LOG = Logger.getLogger(AwsDoor.class);

    private final Admission admission;
    private final RefusalTrail trail;
    private final IngestMetrics metrics;
    private final FailureLimiter failures;
    private final TokenBuckets requests;
    private final int inflatedBytes;

    AwsDoor(Admission admission, RefusalTrail trail, IngestMetrics metrics, AccessConfig access, MetricsConfig config) {
        this.admission = admission;
        this.trail = trail;
        this.metrics = metrics;
        this.failures = new FailureLimiter(access.failuresPerSecond(), access.failuresBurst());
        this.requests = new TokenBuckets(
                config.limits().requestsPerSecond(), config.limits().requestBurst());
        this.inflatedBytes = config.limits().inflatedBytes();
    }

    /** A request, as far as the door needs it. */
    record Asked(AwsForm form, HttpServerRequest request, byte[] body) {
        String operation() {
            return form.operation(request, body);
        }
    }

    /** What is done for the device that asks. */
    @FunctionalInterface
    interface Work {
        void take(Signer.Device device, JsonNode asked) throws AwsRefusedException, SQLException, IOException;
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
            Asked plain = new Asked(asked.form(), request, inflated(asked.body()));
            if (!plain.operation().equals(AwsForm.PUT)) {
                throw new AwsRefusedException(AwsError.UNKNOWN_OPERATION, "this cloud answers " + AwsForm.PUT);
            }
            work.take(device, read(plain));
            return asked.form().done();
        } catch (AwsRefusedException refused) {
            return refusal(asked, refused);
        } catch (SQLException | IOException failed) {
            LOG.warnf("a request in AWS' form could not be served: %s", failed);
            return refusal(asked, new AwsRefusedException(AwsError.UNAVAILABLE, "try again; the log says more"));
        } catch (RuntimeException bug) {
            LOG.error("a request in AWS' form failed", bug);
            return refusal(
                    asked,
                    new AwsRefusedException(
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
    AwsRefusedException anothers(Asked asked, Signer.Device device, String resource, String detail) throws IOException {
        tell(asked, device.id(), resource, AwsError.ACCESS_DENIED, detail);
        return new AwsRefusedException(AwsError.ACCESS_DENIED, detail);
    }

    private void tell(Asked asked, String who, String resource, AwsError error, String detail) throws IOException {
        failures.failed(WireRequest.address(asked.request()));
        trail.refused(new RefusalTrail.Refusal(
                asked.operation(), who, WireRequest.address(asked.request()), resource, error.type(), detail));
    }

    private byte[] inflated(byte[] body) throws AwsRefusedException {
        return switch (PointBody.inflate(body, inflatedBytes)) {
            case Outcome.Done<byte[]>(byte[] plain) -> plain;
            case Outcome.Refused<byte[]>(Refusal refusal) ->
                throw new AwsRefusedException(AwsError.SERIALIZATION, refusal.detail());
        };
    }

    private static JsonNode read(Asked asked) throws AwsRefusedException {
        try {
            return asked.form().read(asked.body());
        } catch (IOException none) {
            throw new AwsRefusedException(AwsError.SERIALIZATION, "the body is not of the form that the request is of");
        }
    }

    private Response refusal(Asked asked, AwsRefusedException refused) {
        metrics.refused("aws-" + refused.error().code());
        return asked.form().refused(refused.error(), refused.message());
    }
}
