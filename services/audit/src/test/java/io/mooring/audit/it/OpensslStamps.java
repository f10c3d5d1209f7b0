package io.mooring.audit.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An authority of time stamps (RFC 3161, over HTTP as in section 3.4) whose stamps {@code openssl ts} makes. */
final class OpensslStamps implements AutoCloseable {
    private final Path folder;
    private final HttpServer server;

    OpensslStamps(Path folder) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        Files.writeString(folder.resolve("ts.cnf"), """
            [tsa]
            default_tsa = stamps
            [stamps]
            serial = %s
            default_policy = 1.2.3.4.1
            digests = sha256
            signer_digest = sha256
            """.formatted(folder.resolve("serial")));
        openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-noenc",
                "-days",
                "30",
                "-subj",
                "/CN=stamps",
                "-addext",
                "extendedKeyUsage=critical,timeStamping",
                "-keyout",
                "key.pem",
                "-out",
                "certificate.pem");
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::stamp);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    /** Its certificate, in PEM. */
    Path certificate() {
        return folder.resolve("certificate.pem");
    }

    private void stamp(HttpExchange exchange) throws IOException {
        try (exchange) {
            Files.write(folder.resolve("query"), exchange.getRequestBody().readAllBytes());
            openssl(
                    "ts",
                    "-reply",
                    "-config",
                    "ts.cnf",
                    "-section",
                    "stamps",
                    "-queryfile",
                    "query",
                    "-signer",
                    "certificate.pem",
                    "-inkey",
                    "key.pem",
                    "-out",
                    "reply");
            byte[] reply = Files.readAllBytes(folder.resolve("reply"));
            exchange.getResponseHeaders().add("Content-Type", "application/timestamp-reply");
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Path said = folder.resolve("said");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + Files.readString(said));
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
