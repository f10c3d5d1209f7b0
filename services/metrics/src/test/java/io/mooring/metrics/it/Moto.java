package io.mooring.metrics.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

/** CloudWatch, as moto plays it, behind somebody who may withhold what moto answers. */
final class Moto implements AutoCloseable {
    private static final String SIGNED =
            "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/monitoring/aws4_request,"
                    + " SignedHeaders=host, Signature=0";

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port;
    private final Process process;
    private final HttpServer server;
    private final Predicate<String> heard;

    /**
     * Starts it.
     *
     * @param heard whether an answer to PutMetricData is handed on; it is given the request
     */
    Moto(int address, int port, Path log, Predicate<String> heard) throws IOException {
        this.port = port;
        this.heard = heard;
        ProcessBuilder builder =
                new ProcessBuilder("python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", Integer.toString(port));
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), address), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body));
            for (String name : List.of("Authorization", "Content-Type", "Content-Encoding")) {
                String value = exchange.getRequestHeaders().getFirst(name);
                if (value != null) {
                    request.header(name, value);
                }
            }
            HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            String asked = new String(
                    gzip ? new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes() : body,
                    StandardCharsets.UTF_8);
            if (answer.statusCode() == 200 && asked.contains("Action=PutMetricData") && !heard.test(asked)) {
                // It was taken, and nobody hears of it.
                exchange.sendResponseHeaders(500, -1);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", "text/xml");
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
            exchange.getResponseBody().write(answer.body());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks moto itself. */
    JsonNode call(String operation, JsonNode parameters) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                        .header("Authorization", SIGNED)
                        .header("Content-Type", "application/x-amz-json-1.0")
                        .header("X-Amz-Target", "GraniteServiceVersion20100801." + operation)
                        .POST(HttpRequest.BodyPublishers.ofString(parameters.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return Cloud.JSON.readTree(response.body());
    }

    @Override
    public void close() throws InterruptedException {
        server.stop(0);
        process.destroyForcibly();
        process.waitFor();
    }
}
