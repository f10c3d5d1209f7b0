package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.provisioning.TenantHandler;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.db.TenantStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** What operators call: device clouds and accounts. */
@Path("/api/v1")
@RunOnVirtualThread
public class TenantResource {
    private final TenantHandler handler;
    private final OperatorDoor door;

    TenantResource(TenantHandler handler, OperatorDoor door) {
        this.handler = handler;
        this.door = door;
    }

    @POST
    @Path("clouds")
    public Response createCloud(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        return door.admit(
                "CreateCloud",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        JsonBody.object(body)
                                .then(asked -> handler.createCloud(
                                        caller, JsonBody.text(asked, "name").orElse(""))),
                        cloud -> Answers.json(201, cloud(cloud))));
    }

    @GET
    @Path("clouds")
    public Response listClouds(
            @HeaderParam("Authorization") @Nullable String authorization, @Context HttpServerRequest request) {
        return door.admit("ListClouds", authorization, request, caller -> {
            ObjectNode answer = Answers.object();
            ArrayNode list = answer.putArray("clouds");
            handler.listClouds(caller).forEach(cloud -> list.add(cloud(cloud)));
            return Answers.json(200, answer);
        });
    }

    @POST
    @Path("accounts")
    public Response createAccount(
            @HeaderParam("Authorization") @Nullable String authorization,
            @Context HttpServerRequest request,
            byte[] body) {
        return door.admit(
                "CreateAccount",
                authorization,
                request,
                caller -> OperatorDoor.answer(
                        JsonBody.object(body)
                                .then(asked -> handler.createAccount(
                                        caller,
                                        JsonBody.text(asked, "name").orElse(""),
                                        JsonBody.text(asked, "cloud"))),
                        owner -> Answers.json(201, account(owner))));
    }

    @GET
    @Path("accounts")
    public Response listAccounts(
            @HeaderParam("Authorization") @Nullable String authorization, @Context HttpServerRequest request) {
        return door.admit("ListAccounts", authorization, request, caller -> {
            ObjectNode answer = Answers.object();
            ArrayNode list = answer.putArray("accounts");
            handler.listAccounts(caller)
                    .forEach(account -> list.add(account(account.owner())
                            .put("created", account.created().toString())));
            return Answers.json(200, answer);
        });
    }

    private static ObjectNode cloud(TenantStore.Cloud cloud) {
        return Answers.object()
                .put("name", cloud.name())
                .put("created", cloud.created().toString());
    }

    private static ObjectNode account(Owner owner) {
        return Answers.object().put("name", owner.account()).put("cloud", owner.cloud());
    }
}
