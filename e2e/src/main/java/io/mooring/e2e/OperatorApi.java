package io.mooring.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What an operator does over HTTP: products, schema, devices. */
public final class OperatorApi implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final CloudAccess cloud;
    private final HttpClient http;

    public OperatorApi(CloudAccess cloud) throws IOException, GeneralSecurityException {
        this.cloud = cloud;
        this.http = HttpClient.newBuilder()
                .sslContext(trusting(cloud))
                .connectTimeout(TIMEOUT)
                .build();
    }

    /** Creates a product; gives its token, which is shown only once. */
    public String createProduct(String name) throws IOException, InterruptedException {
        return createProduct(name, "main", false);
    }

    /**
     * Creates a product of a device cloud; gives its token, which is shown only once.
     *
     * @param cloudMadeKeys whether its devices may have their keys made in the cloud, as old ones must
     */
    public String createProduct(String name, String deviceCloud, boolean cloudMadeKeys)
            throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode()
                .put("name", name)
                .put("cloud", deviceCloud)
                .put("cloudMadeKeys", cloudMadeKeys);
        return call("POST", cloud.api() + "/api/v1/products", cloud.token(), body.toString())
                .get("token")
                .asText();
    }

    /** Creates a device cloud. */
    public void createCloud(String name) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("name", name);
        call("POST", cloud.api() + "/api/v1/clouds", cloud.token(), body.toString());
    }

    /** Creates an account in the default device cloud. */
    public void createAccount(String name) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("name", name);
        call("POST", cloud.api() + "/api/v1/accounts", cloud.token(), body.toString());
    }

    /** Makes a schema the one of a device cloud. */
    public void putSchema(String deviceCloud, String json5) throws IOException, InterruptedException {
        call("PUT", cloud.syncApi() + "/v1/clouds/" + deviceCloud + "/schema", cloud.syncToken(), json5);
    }

    /** Makes a schema what a product brings to its device cloud's. */
    public void putProductSchema(String deviceCloud, String product, String json5)
            throws IOException, InterruptedException {
        String url = cloud.syncApi() + "/v1/clouds/" + deviceCloud + "/products/" + product + "/schema";
        call("PUT", url, cloud.syncToken(), json5);
    }

    /** What is known of a device. */
    public JsonNode device(String id) throws IOException, InterruptedException {
        return call("GET", cloud.api() + "/api/v1/devices/" + id, cloud.token(), "");
    }

    /** Claims a device for the default account and cloud. */
    public void claim(String id) throws IOException, InterruptedException {
        call("POST", cloud.api() + "/api/v1/devices/" + id + "/claim", cloud.token(), "{}");
    }

    /** Takes a device back: its certificate is worth nothing from now on. */
    public void release(String id) throws IOException, InterruptedException {
        call("POST", cloud.api() + "/api/v1/devices/" + id + "/release", cloud.token(), "{}");
    }

    private JsonNode call(String method, String url, String token, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", method.equals("PUT") ? "application/json5" : "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(method + " " + url + " answered " + response.statusCode() + ": " + response.body());
        }
        return response.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(response.body());
    }

    private static SSLContext trusting(CloudAccess cloud) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(cloud.authority())) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("ca-" + trusted.size(), certificate);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Override
    public void close() {
        http.close();
    }
}
