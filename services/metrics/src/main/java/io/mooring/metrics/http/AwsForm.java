package io.mooring.metrics.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import io.mooring.chassis.Json;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The forms in which AWS' clients speak to CloudWatch: JSON 1.0 (CLI, boto3), RPC v2 with CBOR (newer SDKs), and a form of
 * HTML's, answered in XML (older SDKs, collectors). See "AWS JSON 1.0", "Smithy RPC v2 CBOR" and "AWS query" in Smithy's specification.
 */
enum AwsForm {
    JSON("application/x-amz-json-1.0") {
        @Override
        String operation(HttpServerRequest request, byte[] body) {
            String target = String.valueOf(request.getHeader(TARGET));
            return target.startsWith(SERVICE + ".") ? target.substring(SERVICE.length() + 1) : UNKNOWN;
        }

        @Override
        JsonNode read(byte[] body) throws IOException {
            return Json.read(body);
        }

        @Override
        Object error(AwsError error, String message, String requestId) {
            return fields(error, message).toString();
        }

        @Override
        @Nullable
        Object success(String requestId) {
            return "{}";
        }
    },

    CBOR("application/cbor") {
        @Override
        String operation(HttpServerRequest request, byte[] body) {
            Matcher path = RPC.matcher(request.path());
            return path.matches() ? path.group(1) : UNKNOWN;
        }

        @Override
        JsonNode read(byte[] body) throws IOException {
            JsonNode read = MAPPER.readTree(body);
            return read == null ? Json.object() : read;
        }

        @Override
        Object error(AwsError error, String message, String requestId) {
            try {
                return MAPPER.writeValueAsBytes(fields(error, message));
            } catch (JsonProcessingException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        /** An operation without an answer answers without a body. */
        @Override
        @Nullable
        Object success(String requestId) {
            return null;
        }
    },

    QUERY("text/xml") {
        /** What is compressed does not show it; then it is known once the signature is. */
        @Override
        String operation(HttpServerRequest request, byte[] body) {
            Matcher action = ACTION.matcher(new String(body, StandardCharsets.ISO_8859_1));
            return action.find() ? action.group(1) : UNKNOWN;
        }

        @Override
        JsonNode read(byte[] body) throws IOException {
            return QueryForm.read(body);
        }

        @Override
        Object error(AwsError error, String message, String requestId) {
            return "<ErrorResponse " + NAMESPACE + "><Error><Type>" + error.fault() + "</Type><Code>" + error.code()
                    + "</Code><Message>" + escaped(message) + "</Message></Error><RequestId>" + requestId
                    + "</RequestId></ErrorResponse>";
        }

        @Override
        @Nullable
        Object success(String requestId) {
            return "<PutMetricDataResponse " + NAMESPACE + "><ResponseMetadata><RequestId>" + requestId
                    + "</RequestId></ResponseMetadata></PutMetricDataResponse>";
        }
    };

    /** The only operation there is. */
    static final String PUT = "PutMetricData";

    private static final String UNKNOWN = "Unknown";
    private static final String TARGET = "X-Amz-Target";
    private static final String SERVICE = "GraniteServiceVersion20100801";
    private static final Pattern RPC = Pattern.compile("/service/" + SERVICE + "/operation/([A-Za-z]{1,64})");
    private static final Pattern ACTION = Pattern.compile("(?:^|&)Action=([A-Za-z]{1,64})(?:&|$)");
    private static final String NAMESPACE = "xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"";
    private static final int MAX_DEPTH = 64;

    private static final ObjectMapper MAPPER = new ObjectMapper(CBORFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build());

    private final String type;

    AwsForm(String type) {
        this.type = type;
    }

    /** The form of a request. */
    static AwsForm of(HttpServerRequest request) {
        if (request.path().startsWith("/service/")) {
            return CBOR;
        }
        return request.getHeader(TARGET) == null ? QUERY : JSON;
    }

    /** What is asked for, as far as it shows. */
    abstract String operation(HttpServerRequest request, byte[] body);

    /**
     * The parameters.
     *
     * @throws IOException if the body is none of this form
     */
    abstract JsonNode read(byte[] body) throws IOException;

    abstract Object error(AwsError error, String message, String requestId);

    abstract @Nullable Object success(String requestId);

    /** It was done. */
    Response done() {
        String requestId = UUID.randomUUID().toString();
        return answer(200, success(requestId), requestId).build();
    }

    /** It was not done. */
    Response refused(AwsError error, String message) {
        String requestId = UUID.randomUUID().toString();
        Response.ResponseBuilder answer = answer(error.status(), error(error, message, requestId), requestId);
        if (this != QUERY) {
            answer.header("x-amzn-ErrorType", error.type());
            // Clients that knew the query form's codes go on seeing them (Smithy, "awsQueryCompatible").
            answer.header("x-amzn-query-error", error.code() + ";" + error.fault());
        }
        return answer.build();
    }

    private Response.ResponseBuilder answer(int status, @Nullable Object body, String requestId) {
        Response.ResponseBuilder answer = Response.status(status).header("x-amzn-RequestId", requestId);
        if (this == CBOR) {
            answer.header("smithy-protocol", "rpc-v2-cbor");
        }
        return body == null ? answer : answer.type(type).entity(body);
    }

    private static ObjectNode fields(AwsError error, String message) {
        return Json.object().put("__type", error.type()).put("message", message);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
