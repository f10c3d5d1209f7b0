package io.mooring.provisioning.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.ProvisioningHandler;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Refusal;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What every operator passes. */
@ApplicationScoped
class OperatorDoor {
    /** The most that one page of a list holds. */
    static final int MAX_PAGE = 1000;

    private final ProvisioningHandler handler;
    private final Door door;

    OperatorDoor(ProvisioningHandler handler, Door door) {
        this.handler = handler;
        this.door = door;
    }

    /** Has a call done for an operator, and refuses anybody else. */
    Response admit(
            String action, @Nullable String authorization, HttpServerRequest request, Function<Caller, Response> call) {
        Caller caller = Door.caller(request);
        if (!door.mayTry(caller, action)) {
            return Answers.problem(Door.TOO_MANY);
        }
        Outcome<String> operator =
                handler.authenticateOperator(caller, action, authorization == null ? "" : authorization);
        return switch (operator) {
            case Outcome.Done<String>(String name) -> call.apply(caller.as("Operator", name));
            case Outcome.Refused<String>(Refusal refusal) -> {
                door.failed(caller);
                yield Answers.problem(refusal);
            }
        };
    }

    /** An outcome as an answer. */
    static <T> Response answer(Outcome<T> outcome, Function<? super T, Response> form) {
        return switch (outcome) {
            case Outcome.Done<T>(T value) -> form.apply(value);
            case Outcome.Refused<T>(Refusal refusal) -> Answers.problem(refusal);
        };
    }

    /**
     * Where a page of a list begins and how long it is.
     *
     * @param after the id it begins behind
     */
    record Page(String after, int size) {
        /** Refused with {@code bad_query}. */
        static Outcome<Page> of(@Nullable String after, @Nullable String limit) {
            boolean badLimit = limit != null && !limit.matches("[1-9][0-9]{0,3}");
            boolean badAfter = after != null && after.indexOf('\0') >= 0;
            if (badLimit || badAfter) {
                return Outcome.refused("bad_query", "limit is a number of 1 to " + MAX_PAGE);
            }
            int size = limit == null ? MAX_PAGE : Math.min(MAX_PAGE, Integer.parseInt(limit));
            return Outcome.done(new Page(after == null ? "" : after, size));
        }

        /**
         * The page as an answer; {@code next} says where to go on if it is full.
         *
         * @param name of the list in it
         */
        <T> ObjectNode list(String name, List<T> items, Function<T, ObjectNode> form, Function<T, String> id) {
            ObjectNode answer = Answers.object();
            ArrayNode list = answer.putArray(name);
            items.forEach(item -> list.add(form.apply(item)));
            if (items.size() == size) {
                answer.put("next", id.apply(items.getLast()));
            }
            return answer;
        }
    }
}
