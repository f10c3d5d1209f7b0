package io.mooring.bench.issuance;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;

/**
 * Asks the running service for certificates over HTTP, each connection one after the other. Speaks as
 * much HTTP as that takes: a client library would take more of the cores than what is measured.
 */
final class ServiceLoad {
    private final URI url;
    private final List<byte[]> calls;
    private final LongAdder issued = new LongAdder();

    ServiceLoad(URI url, String token, List<SigningRequests.SigningRequest> requests) {
        this.url = url;
        this.calls = requests.stream().map(request -> call(token, request)).toList();
    }

    private byte[] call(String token, SigningRequests.SigningRequest request) {
        String pem = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(request.der())
                + "\n-----END CERTIFICATE REQUEST-----\n";
        String body = "{\"cloud\":\"main\",\"device\":\"" + request.device() + "\",\"csr\":\""
                + pem.replace("\n", "\\n") + "\"}";
        String head = "POST /v1/device-certificates HTTP/1.1\r\nHost: " + url.getAuthority()
                + "\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n";
        return (head + body).getBytes(StandardCharsets.US_ASCII);
    }

    Repeated.Rate measure(IssuanceOptions options) throws Exception {
        List<Callable<Repeated.Step>> threads = new ArrayList<>();
        for (int i = 0; i < options.connections(); i++) {
            int first = i * 31;
            threads.add(() -> {
                Connection connection = new Connection(url);
                return turn -> {
                    connection.ask(calls.get((int) ((first + turn) % calls.size())));
                    issued.increment();
                };
            });
        }
        return Repeated.measure(options.warmSeconds(), options.measureSeconds(), threads);
    }

    /** How many were issued in all. */
    long issued() {
        return issued.sum();
    }

    private static final class Connection {
        private final Socket socket;
        private final InputStream in;

        Connection(URI url) throws IOException {
            socket = new Socket(InetAddress.getByName(url.getHost()), url.getPort());
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
        }

        void ask(byte[] call) throws IOException {
            socket.getOutputStream().write(call);
            String status = line();
            int length = -1;
            for (String header = line(); !header.isEmpty(); header = line()) {
                if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(
                            header.substring(header.indexOf(':') + 1).strip());
                }
            }
            if (length < 0) {
                throw new IOException("an answer without a length: " + status);
            }
            byte[] body = in.readNBytes(length);
            if (!status.startsWith("HTTP/1.1 200")) {
                throw new IOException(status + ": " + new String(body, StandardCharsets.UTF_8));
            }
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int octet = in.read(); octet != '\n'; octet = in.read()) {
                if (octet < 0) {
                    throw new EOFException("the service closed the connection");
                }
                if (octet != '\r') {
                    line.append((char) octet);
                }
            }
            return line.toString();
        }
    }
}
