package io.mooring.bench.issuance;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * {@code bench issuance}: certificates a second, over HTTP, committed to PostgreSQL, as a ratio to bare
 * verifying and signing on the same cores, in turn in the same run.
 */
public final class IssuanceBench {
    private static final int REQUESTS = 2_000;
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 2;

    private IssuanceBench() {}

    /** Runs the benchmark. Exit code 1: it could not be run, or something issued is not in the database. */
    public static void main(String[] args) {
        IssuanceOptions options;
        try {
            options = IssuanceOptions.parse(args);
        } catch (IllegalArgumentException wrong) {
            System.err.println(
                    "bench issuance: " + wrong.getMessage() + System.lineSeparator() + IssuanceOptions.USAGE);
            System.exit(EXIT_USAGE);
            return;
        }
        try {
            run(options);
            System.exit(0);
        } catch (Exception failed) {
            System.err.println("bench issuance: " + failed.getMessage());
            System.exit(EXIT_FAILED);
        }
    }

    private static void run(IssuanceOptions options) throws Exception {
        System.err.printf(
                Locale.ROOT,
                "P-256, %d connections, %d rounds of %d s warm-up and %d s measured for each figure%n",
                options.connections(),
                options.rounds(),
                options.warmSeconds(),
                options.measureSeconds());
        List<SigningRequests.SigningRequest> requests = SigningRequests.make(REQUESTS);
        List<Repeated.Rate> bare = new ArrayList<>();
        List<Repeated.Rate> issued = new ArrayList<>();
        try (Devstack stack =
                Devstack.builder().with(Component.CERTIFICATE_AUTHORITY).start()) {
            ServiceLoad load = new ServiceLoad(
                    URI.create(stack.url(Component.CERTIFICATE_AUTHORITY)),
                    stack.secrets().serviceToken("provisioning", "certificates"),
                    requests);
            for (int round = 1; round <= options.rounds(); round++) {
                bare.add(BareSigning.measure(options, requests));
                issued.add(load.measure(options));
                System.err.printf(
                        Locale.ROOT,
                        "round %d: bare %.0f/s, issued %.0f/s%n",
                        round,
                        bare.getLast().perSecond(),
                        issued.getLast().perSecond());
            }
            requireRecorded(stack, load.issued());
        }
        report(options, new IssuanceResult(median(bare), median(issued)));
    }

    private static Repeated.Rate median(List<Repeated.Rate> rates) {
        return rates.stream()
                .sorted(Comparator.comparingDouble(Repeated.Rate::perSecond))
                .toList()
                .get(rates.size() / 2);
    }

    private static void report(IssuanceOptions options, IssuanceResult result) throws IOException {
        System.out.print(result.lines());
        if (options.output().isPresent()) {
            Files.writeString(options.output().get(), result.json(options.connections()));
        }
    }

    private static void requireRecorded(Devstack stack, long issued) throws Exception {
        try (Connection connection = stack.connection("mooring_certificates");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select count(*) from certificates.certificate where state = 'issued' and purpose = 'device'")) {
            rows.next();
            if (rows.getLong(1) < issued) {
                throw new IllegalStateException(
                        issued + " certificates were issued and only " + rows.getLong(1) + " are recorded");
            }
        }
    }
}
