package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.ProductHandler;
import io.mooring.provisioning.core.IssuedClaimId;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Product;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What operators call: products, their tokens and their claim ids. */
@Path("/api/v1/products")
@RunOnVirtualThread
public class ProductResource {
    private final ProductHandler handler;
    private final OperatorDoor door;

    ProductResource(ProductHandler handler, OperatorDoor door) {
        this.handler = handler;
        this.door = door;
    }

    @POST
    public Response create(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        return door.admit(
                "CreateProduct",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        JsonBody.object(body).then(ProductResource::wish).then(wish -> handler.create(caller, wish)),
                        made -> Answers.json(201, withToken(made))));
    }

    private static Outcome<ProductHandler.Wish> wish(ObjectNode asked) {
        return JsonBody.flag(asked, "cloudMadeKeys")
                .then(keys -> JsonBody.flag(asked, "issuedIdsOnly")
                        .then(issued -> JsonBody.instant(asked, "tokenExpires")
                                .then(expires -> Outcome.done(new ProductHandler.Wish(
                                        JsonBody.text(asked, "name").orElse(""),
                                        JsonBody.text(asked, "account"),
                                        JsonBody.text(asked, "cloud"),
                                        new Product.Rules(keys.orElse(false), issued.orElse(false)),
                                        expires)))));
    }

    @GET
    public Response list(
            @HeaderParam("Authorization") @Nullable String authorization, @Context HttpServerRequest request) {
        return door.admit("ListProducts", authorization, request, caller -> {
            ObjectNode answer = Answers.object();
            ArrayNode list = answer.putArray("products");
            handler.list(caller).forEach(product -> list.add(product(product)));
            return Answers.json(200, answer);
        });
    }

    /** Changes what the product's devices may do. */
    @PATCH
    @Path("{id}")
    public Response change(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            byte[] body) {
        return door.admit(
                "ChangeProduct",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        JsonBody.object(body).then(asked -> change(caller, id, asked)),
                        product -> Answers.json(200, product(product))));
    }

    private Outcome<Product> change(Caller caller, String id, ObjectNode asked) {
        return known(id)
                .then(product -> JsonBody.flag(asked, "cloudMadeKeys")
                        .then(keys -> JsonBody.flag(asked, "issuedIdsOnly")
                                .then(issued -> handler.changeRules(caller, product, keys, issued))));
    }

    @POST
    @Path("{id}/suspend")
    public Response suspend(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id) {
        return door.admit(
                "SuspendProduct",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        known(id).then(product -> handler.suspend(caller, product)),
                        product -> Answers.json(200, product(product))));
    }

    @POST
    @Path("{id}/resume")
    public Response resume(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id) {
        return door.admit(
                "ResumeProduct",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        known(id).then(product -> handler.resume(caller, product)),
                        product -> Answers.json(200, product(product))));
    }

    /** Gives it a new token; {@code overlapSeconds} is how long the one before stays good. */
    @POST
    @Path("{id}/rotation")
    public Response rotate(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            byte[] body) {
        return door.admit(
                "RotateProductToken",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        JsonBody.object(body)
                                .then(asked -> known(id)
                                        .then(product -> JsonBody.instant(asked, "tokenExpires")
                                                .then(expires ->
                                                        handler.rotate(caller, product, overlap(asked), expires)))),
                        made -> Answers.json(200, withToken(made))));
    }

    private static Duration overlap(JsonNode asked) {
        return Duration.ofSeconds(
                asked.has("overlapSeconds") ? asked.path("overlapSeconds").asLong(-1) : 0);
    }

    /** Makes claim ids for the factory, {@code "secrets":true} for a secret with each. */
    @POST
    @Path("{id}/claim-ids")
    public Response issueClaimIds(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            byte[] body) {
        return door.admit(
                "IssueClaimIds",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        JsonBody.object(body)
                                .then(asked -> known(id)
                                        .then(product -> JsonBody.flag(asked, "secrets")
                                                .then(secrets -> handler.issueClaimIds(
                                                        caller,
                                                        product,
                                                        asked.path("count").asInt(0),
                                                        secrets.orElse(false))))),
                        batch -> Answers.json(201, batch(batch))));
    }

    @GET
    @Path("{id}/claim-ids")
    public Response listClaimIds(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            @PathParam("id") String id,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit) {
        return door.admit(
                "ListClaimIds",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        OperatorDoor.Page.of(after, limit)
                                .then(page -> known(id)
                                        .then(product -> handler.listClaimIds(
                                                        caller, product, page.after(), page.size())
                                                .then(issued -> Outcome.done(page.list(
                                                        "claimIds",
                                                        issued,
                                                        ProductResource::claimId,
                                                        IssuedClaimId::id))))),
                        answer -> Answers.json(200, answer)));
    }

    private static Outcome<String> known(String id) {
        return id.indexOf('\0') >= 0
                ? Outcome.refused("no_such_product", "there is no product with this id")
                : Outcome.done(id);
    }

    private static ObjectNode claimId(IssuedClaimId claimId) {
        return Answers.object()
                .put("id", claimId.id())
                .put("batch", claimId.batch())
                .put("secret", claimId.secretHash().isPresent())
                .put("issued", claimId.issued().toString());
    }

    private static ObjectNode batch(ProductHandler.Batch batch) {
        ObjectNode answer = Answers.object().put("batch", batch.batch());
        ArrayNode list = answer.putArray("claimIds");
        batch.devices().forEach(device -> {
            ObjectNode entry = list.addObject().put("id", device.id());
            device.secret().ifPresent(secret -> entry.put("secret", secret));
        });
        return answer;
    }

    private static ObjectNode withToken(ProductHandler.WithToken made) {
        ObjectNode answer = product(made.product()).put("token", made.token());
        Optional<Instant> expires = made.expires();
        expires.ifPresent(end -> answer.put("tokenExpires", end.toString()));
        return answer;
    }

    private static ObjectNode product(Product product) {
        ObjectNode answer = Answers.object()
                .put("id", product.id())
                .put("name", product.name())
                .put("account", product.owner().account())
                .put("cloud", product.owner().cloud())
                .put("state", product.suspended().isPresent() ? "suspended" : "active")
                .put("cloudMadeKeys", product.rules().cloudMadeKeys())
                .put("issuedIdsOnly", product.rules().issuedIdsOnly())
                .put("created", product.created().toString());
        product.suspended().ifPresent(since -> answer.put("suspended", since.toString()));
        return answer;
    }
}
