package io.mooring.devstack.launcher.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** How a process is known to be ready. */
public sealed interface Readiness {
    /** It says a line on stdout with this in it. */
    record Says(String words) implements Readiness {}

    /** It answers a GET with a status below 300. */
    record Answers(URI url) implements Readiness {
        private static final HttpClient CLIENT = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build();

        boolean isSo() throws InterruptedException {
            HttpRequest request =
                    HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(5)).build();
            try {
                return CLIENT.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        < 300;
            } catch (IOException notYet) {
                return false;
            }
        }
    }

    /** Something of the caller's own says so, quickly. */
    record Asked(Check check) implements Readiness {}

    /** Whether the process is ready. */
    @FunctionalInterface
    interface Check {
        boolean isSo() throws InterruptedException;
    }
}
