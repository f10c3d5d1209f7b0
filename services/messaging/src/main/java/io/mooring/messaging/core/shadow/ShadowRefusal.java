package io.mooring.messaging.core.shadow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/**
 * Why a request to a shadow was not done, by AWS' codes and messages ("Device Shadow error messages", developer guide).
 *
 * @param code the status, the same over HTTP and in the {@code code} of a message on {@code rejected}
 * @param message for people
 * @param clientToken the request's, if it could be read
 */
public record ShadowRefusal(int code, String message, Optional<String> clientToken) {
    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;
    static final int CONFLICT = 409;
    static final int TOO_LARGE = 413;
    static final int UNSUPPORTED = 415;
    static final int UNPROCESSABLE = 422;
    static final int TOO_MANY = 429;
    static final int FAILURE = 500;

    static ShadowRefusal badRequest(String message) {
        return of(BAD_REQUEST, message);
    }

    /** There is no such shadow; the classic one is called by its device. */
    static ShadowRefusal noShadow(String name) {
        return of(NOT_FOUND, "No shadow exists with name: " + name);
    }

    /** There is no such device. */
    public static ShadowRefusal noThing() {
        return of(NOT_FOUND, "Thing not found");
    }

    /** More requests of one device at a time, or within a second, than are listened to. */
    public static ShadowRefusal tooMany() {
        return of(TOO_MANY, "Too Many Requests");
    }

    /** A fault of ours. */
    public static ShadowRefusal failure() {
        return of(FAILURE, "Internal service failure");
    }

    static ShadowRefusal of(int code, String message) {
        return new ShadowRefusal(code, message, Optional.empty());
    }

    /** As it is told on {@code rejected} (developer guide, "Error response document"). */
    public ObjectNode body(Instant now) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("code", code);
        body.put("message", message);
        body.put("timestamp", now.getEpochSecond());
        clientToken.ifPresent(token -> body.put("clientToken", token));
        return body;
    }

    /** The same, to whoever sent this token. */
    public ShadowRefusal to(Optional<String> token) {
        return new ShadowRefusal(code, message, token);
    }
}
