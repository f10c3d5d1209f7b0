package io.mooring.audit.http;

import io.mooring.audit.OwnTrail;
import io.mooring.audit.Signatures;
import io.mooring.audit.Signatures.Reason;
import io.mooring.audit.Signatures.Signer;
import io.mooring.chassis.http.FailureLimiter;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditRecord;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** What AWS' own tools pass: an operator's signature. The trail is told of every request, before it is answered. */
@Singleton
class SignedDoor {
    private final Signatures signatures;
    private final Door door;
    private final OwnTrail trail;
    private final FailureLimiter failures = new FailureLimiter();
    private final Clock clock = Clock.systemUTC();

    SignedDoor(Signatures signatures, Door door, OwnTrail trail) {
        this.signatures = signatures;
        this.door = door;
        this.trail = trail;
    }

    /**
     * Lets a request in.
     *
     * @param told whether the trail is told of it if it is let in: not of each of thousands of objects
     * @return why it is not let in; empty if it is
     */
    Optional<Signer.Refused> admit(
            HttpServerRequest request, byte[] body, boolean s3, String action, Map<String, String> asked, boolean told)
            throws IOException {
        String source = Door.address(request);
        if (!request.isSSL() && !isLoopback(source)) {
            return Optional.of(new Signer.Refused(Reason.FORBIDDEN, "use https"));
        }
        if (!failures.mayTry(source)) {
            return Optional.of(new Signer.Refused(Reason.FORBIDDEN, "too many requests were refused; try again later"));
        }
        RequestDescription description = describe(request, body);
        Signer signer = s3
                ? signatures.ofS3(description, clock.instant())
                : signatures.ofCloudTrail(description, clock.instant());
        if (signer instanceof Signer.Known known
                && door.name(known.tokenSha256())
                        .filter(known.operator()::equals)
                        .isEmpty()) {
            signer = new Signer.Refused(
                    Reason.UNKNOWN_KEY, "the token that this access key was made with is good no more");
        }
        return switch (signer) {
            case Signer.Known known -> {
                if (told) {
                    trail.tell(AuditRecord.done(
                                    action,
                                    new AuditCaller("Operator", known.operator(), "", source, Door.agent(request)),
                                    asked,
                                    Map.of(),
                                    clock.instant())
                            .asRead());
                }
                yield Optional.empty();
            }
            case Signer.Refused refused -> {
                failures.failed(source);
                trail.tell(AuditRecord.refused(
                                action,
                                new AuditCaller("Unknown", "", "", source, Door.agent(request)),
                                asked,
                                refused.reason().name(),
                                refused.detail(),
                                clock.instant())
                        .asRead());
                yield Optional.of(refused);
            }
        };
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

    private static boolean isLoopback(String address) {
        try {
            return !address.isEmpty() && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
