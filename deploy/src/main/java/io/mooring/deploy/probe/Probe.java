package io.mooring.deploy.probe;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Asks a health endpoint on loopback: {@code Probe PORT PATH}. Ends with 0 if it answers that all is well, else
 * with 1. A socket and no more, so that it costs a tenth of a second each time.
 */
public final class Probe {
    private static final int TIMEOUT_MILLIS = 3_000;
    private static final String WELL = "HTTP/1.1 200";

    private Probe() {}

    public static void main(String[] arguments) {
        System.exit(arguments.length == 2 && isWell(Integer.parseInt(arguments[0]), arguments[1]) ? 0 : 1);
    }

    private static boolean isWell(int port, String path) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream answer = socket.getInputStream();
            return new String(answer.readNBytes(WELL.length()), StandardCharsets.US_ASCII).equals(WELL);
        } catch (IOException away) {
            return false;
        }
    }
}
