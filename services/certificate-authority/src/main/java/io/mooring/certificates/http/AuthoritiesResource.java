package io.mooring.certificates.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.certificates.AuthorityHandler;
import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.x509.Authority;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Shows, rotates and revokes authorities. Every call needs the bearer token of a known client. */
@Path("/v1")
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
public class AuthoritiesResource {
    private static final int MAX_DELAY_SECONDS = 30 * 24 * 3600;

    private final AuthorityHandler handler;
    private final ClientCalls calls;

    AuthoritiesResource(AuthorityHandler handler, ClientCalls calls) {
        this.handler = handler;
        this.calls = calls;
    }

    /**
     * An authority as it is shown.
     *
     * @param signs whether it is the one of its name that signs now
     * @param active from when on it does
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Shown(
            String authority,
            String kind,
            @Nullable String cloud,
            @Nullable String issuer,
            String serial,
            String notBefore,
            String expires,
            boolean signs,
            String active,
            @Nullable String revoked,
            @Nullable String reason) {}

    private Shown shown(Authority authority) {
        String cloud = authority.name().cloudOrEmpty();
        return new Shown(
                authority.id().toString(),
                authority.name().kind(),
                cloud.isEmpty() ? null : cloud,
                authority.issuer().map(UUID::toString).orElse(null),
                authority.serial(),
                authority.validity().notBefore().toString(),
                authority.validity().notAfter().toString(),
                handler.isActive(authority),
                authority.activeFrom().toString(),
                authority.revocation().map(gone -> gone.at().toString()).orElse(null),
                authority.revocation().map(gone -> gone.reason().text()).orElse(null));
    }

    @GET
    @Path("authorities")
    public Response list(
            @HeaderParam("Authorization") @Nullable String authorization, @Context HttpServerRequest request) {
        return calls.asClient(
                "ListAuthorities",
                authorization,
                request,
                caller -> Response.ok(handler.all().stream().map(this::shown).toList())
                        .build());
    }

    @PUT
    @Path("clouds/{cloud}/authority")
    public Response open(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud) {
        return calls.asClient(
                "OpenCloud",
                authorization,
                request,
                caller -> ClientCalls.answer(handler.open(caller, cloud), this::shown));
    }

    @POST
    @Path("clouds/{cloud}/authority/rotation")
    public Response rotateCloud(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud,
            byte[] body) {
        return rotate(new AuthorityName.Cloud(cloud), authorization, request, body);
    }

    @POST
    @Path("servers/authority/rotation")
    public Response rotateServers(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        return rotate(new AuthorityName.Servers(), authorization, request, body);
    }

    private Response rotate(
            AuthorityName name, @Nullable String authorization, HttpServerRequest request, byte[] body) {
        return calls.asClient("RotateAuthority", authorization, request, caller -> {
            Outcome<Authority> followed = calls.parse(body)
                    .then(AuthoritiesResource::delay)
                    .then(delay -> handler.rotate(caller, name, delay));
            return ClientCalls.answer(followed, this::shown);
        });
    }

    private static Outcome<Optional<Duration>> delay(JsonNode asked) {
        JsonNode seconds = asked.path("activeAfterSeconds");
        if (seconds.isMissingNode()) {
            return Outcome.done(Optional.empty());
        }
        return seconds.isInt() && seconds.intValue() >= 0 && seconds.intValue() <= MAX_DELAY_SECONDS
                ? Outcome.done(Optional.of(Duration.ofSeconds(seconds.intValue())))
                : Outcome.refused("bad_delay", "activeAfterSeconds is a number from 0 to " + MAX_DELAY_SECONDS);
    }

    @POST
    @Path("authorities/{id}/revocation")
    public Response revoke(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            byte[] body) {
        return calls.asClient("RevokeAuthority", authorization, request, caller -> {
            Outcome<Authority> replaced = calls.parse(body)
                    .then(asked -> RevocationReason.parseForAuthority(
                                    ClientCalls.text(asked, "reason").orElse("unspecified"))
                            .map(Outcome::done)
                            .orElseGet(() -> Outcome.refused("bad_reason", "not a reason of RFC 5280, section 5.3.1")))
                    .then(reason -> uuid(id).then(uuid -> handler.revoke(caller, uuid, reason)));
            return ClientCalls.answer(replaced, this::shown);
        });
    }

    private static Outcome<UUID> uuid(String text) {
        try {
            return Outcome.done(UUID.fromString(text));
        } catch (IllegalArgumentException notAnId) {
            return Outcome.refused("unknown_authority", "no authority has this id");
        }
    }

    @GET
    @Path("clouds/{cloud}/authority")
    @Produces({ClientCalls.PEM, "application/problem+json"})
    public Response cloudAuthority(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("cloud") String cloud) {
        return calls.asClient(
                "GetAuthority", authorization, request, caller -> ClientCalls.pem(handler.cloudAuthority(cloud)));
    }

    @GET
    @Path("trust-bundle")
    @Produces({ClientCalls.PEM, "application/problem+json"})
    public Response trustBundle(
            @HeaderParam("Authorization") @Nullable String authorization, @Context HttpServerRequest request) {
        return calls.asClient(
                "GetTrustBundle",
                authorization,
                request,
                caller -> ClientCalls.pem(Outcome.done(handler.trustBundle())));
    }
}
