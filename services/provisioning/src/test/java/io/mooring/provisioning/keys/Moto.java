package io.mooring.provisioning.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** AWS, played by moto; and its STS, overheard. */
public final class Moto implements AutoCloseable {
    private final Process server;
    private final String endpoint;
    private final ServerSocket overhearing;
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    private final HttpClient http = HttpClient.newHttpClient();
    private final JsonNode account;

    private Moto(Process server, int port, boolean checked) throws Exception {
        this.server = server;
        this.endpoint = "http://127.0.0.1:" + port;
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> http.send(
                                        HttpRequest.newBuilder(URI.create(endpoint + "/moto-api/"))
                                                .build(),
                                        HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200);
        Path script = Path.of("src/test/resources/moto_account.py").toAbsolutePath();
        Process setup =
                new ProcessBuilder("python3", script.toString(), endpoint, checked ? "checked" : "open").start();
        String said = new String(setup.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Assertions.assertEquals(0, setup.waitFor(), () -> {
            try {
                return new String(setup.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return e.toString();
            }
        });
        this.account = new ObjectMapper().readTree(said);
        this.overhearing = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> overhear(port));
    }

    /** Passes bytes on as they are, since their signature covers the host; notes what was asked. */
    private void overhear(int port) {
        while (!overhearing.isClosed()) {
            try {
                Socket client = overhearing.accept();
                Socket moto = new Socket(InetAddress.getLoopbackAddress(), port);
                Thread.ofVirtual().start(() -> copy(client, moto, heard));
                Thread.ofVirtual().start(() -> copy(moto, client, new ByteArrayOutputStream()));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void copy(Socket from, Socket to, ByteArrayOutputStream also) {
        try (from;
                to) {
            byte[] buffer = new byte[8192];
            for (int got = from.getInputStream().read(buffer);
                    got >= 0;
                    got = from.getInputStream().read(buffer)) {
                also.write(buffer, 0, got);
                to.getOutputStream().write(buffer, 0, got);
            }
        } catch (IOException ended) {
            // One of both hung up.
        }
    }

    /**
     * Starts it; skips the test loudly where Python or moto is missing, but never on continuous integration.
     *
     * @param checked whether it checks signatures and roles' policies; it cannot take unsigned requests then
     */
    public static Moto start(boolean checked) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path log = Files.createTempFile("moto", ".log");
        log.toFile().deleteOnExit();
        boolean there = false;
        try {
            Process look = new ProcessBuilder("python3", "-c", "import moto.server, boto3")
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            there = look.waitFor(60, TimeUnit.SECONDS) && look.exitValue() == 0;
        } catch (IOException noPython) {
            // Said below.
        }
        String why = "AWS' side cannot be played: pip install 'moto[server]' boto3";
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(why);
        }
        if (!there) {
            System.err.println("\n*** SKIPPED: " + why + " ***\n");
        }
        Assumptions.assumeTrue(there, why);
        Process server = new ProcessBuilder(
                        "python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            return new Moto(server, port, checked);
        } catch (Exception failed) {
            server.destroyForcibly();
            throw failed;
        }
    }

    /** Where S3 is. */
    public String endpoint() {
        return endpoint;
    }

    /** Where STS is, overheard. */
    public String stsEndpoint() {
        return "http://127.0.0.1:" + overhearing.getLocalPort();
    }

    /** What STS was asked last, by the names of its parameters. */
    public Map<String, String> lastAsked() {
        String all = heard.toString(StandardCharsets.ISO_8859_1);
        return form(all.substring(all.lastIndexOf("\r\n\r\n") + 4));
    }

    /** How often STS was asked. */
    public int timesAsked() {
        return heard.toString(StandardCharsets.ISO_8859_1).split("POST / HTTP/1.1", -1).length - 1;
    }

    /** The role, and the keys of a user who may assume it. */
    public String account(String field) {
        return account.path(field).asText();
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String part : body.split("&")) {
            String[] pair = part.split("=", 2);
            form.put(
                    URLDecoder.decode(pair[0], StandardCharsets.UTF_8),
                    pair.length == 2 ? URLDecoder.decode(pair[1], StandardCharsets.UTF_8) : "");
        }
        return form;
    }

    @Override
    public void close() throws IOException {
        overhearing.close();
        http.close();
        server.destroyForcibly();
    }
}
