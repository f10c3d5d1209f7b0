package io.mooring.bench.issuance;

import java.util.Locale;

/**
 * What was measured: the medians of all rounds.
 *
 * @param bare verifying and signing alone
 * @param issued certificates over HTTP, committed
 */
record IssuanceResult(Repeated.Rate bare, Repeated.Rate issued) {
    /** The share of the limit that was reached. */
    double ratio() {
        return issued.perSecond() / bare.perSecond();
    }

    /** The share of all processor time spent that went into verifying and signing. */
    double ratioOfCpu() {
        return bare.cpuMicros() / issued.cpuMicros();
    }

    String lines() {
        StringBuilder lines = new StringBuilder(table());
        issued.cpuMicrosOf()
                .forEach((program, micros) ->
                        lines.append(String.format(Locale.ROOT, "  of it %-26s %10s %12.0f%n", program, "", micros)));
        return lines.toString();
    }

    private String table() {
        return String.format(
                Locale.ROOT,
                "%-32s %10s %12s%n%-32s %10.0f %12.0f%n%-32s %10.0f %12.0f%n%-32s %10.2f %12.2f%n",
                "",
                "per second",
                "CPU us each",
                "bare verify and sign",
                bare.perSecond(),
                bare.cpuMicros(),
                "issued over HTTP and committed",
                issued.perSecond(),
                issued.cpuMicros(),
                "ratio",
                ratio(),
                ratioOfCpu());
    }

    String json(int connections) {
        return String.format(
                Locale.ROOT,
                "{\"connections\":%d,\"bare_per_s\":%.0f,\"bare_cpu_us\":%.0f,\"issued_per_s\":%.0f,"
                        + "\"issued_cpu_us\":%.0f,\"ratio\":%.3f,\"ratio_of_cpu\":%.3f}%n",
                connections,
                bare.perSecond(),
                bare.cpuMicros(),
                issued.perSecond(),
                issued.cpuMicros(),
                ratio(),
                ratioOfCpu());
    }
}
