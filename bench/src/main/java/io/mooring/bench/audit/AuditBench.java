package io.mooring.bench.audit;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * {@code ./mooring bench audit}: records that wait in the service's database are archived by the service as it ships (read,
 * packed, hashed, forced to the disk, named by a signed digest), against gzip and SHA-256 alone of the very same files, by one
 * thread, in the same run.
 */
public final class AuditBench {
    private static final int RECORDS = 200_000;
    private static final int FILE_RECORDS = 4_000;
    private static final long POLL_NANOS = 20_000_000;

    private AuditBench() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            System.err.println("bench audit: takes no options");
            System.exit(2);
        }
        try (Devstack stack = Devstack.builder()
                .with(Component.AUDIT)
                .environment(
                        Component.AUDIT,
                        Map.of(
                                "MOORING_AUDIT_DIGEST_EVERY",
                                "10s",
                                "MOORING_AUDIT_LIMITS_FILE_RECORDS",
                                Integer.toString(FILE_RECORDS)))
                .start()) {
            measure(stack);
        }
    }

    private static void measure(Devstack stack) throws Exception {
        // Both sides warm: the service has made a tenth of the files before the clock runs.
        stack.stop(Component.AUDIT);
        fill(stack);
        stack.start(Component.AUDIT);
        long start = await(stack, RECORDS / 10);
        long begin = System.nanoTime();
        long end = await(stack, RECORDS);
        double seconds = (System.nanoTime() - begin) / 1e9;
        double archived = (end - start) / seconds;
        awaitSigned(stack);
        stack.stop(Component.AUDIT);

        List<byte[]> files = files(stack.dataDir().resolve("audit"));
        packed(files.subList(0, files.size() / 10));
        long alone = System.nanoTime();
        long bytes = packed(files);
        double aloneSeconds = (System.nanoTime() - alone) / 1e9;
        double plain = RECORDS / aloneSeconds;
        System.out.printf(
                "archived and signed: %,.0f records/s; gzip and SHA-256 alone: %,.0f records/s; ratio %.2f%n"
                        + "%,d records, %,d files, %,d bytes unpacked%n",
                archived, plain, archived / plain, RECORDS, files.size(), bytes);
    }

    /** As the service's own consumer leaves them. */
    private static void fill(Devstack stack) throws SQLException {
        try (Connection connection = stack.connection("mooring_audit");
                Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM audit.log_file WHERE digest IS NULL");
            try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO audit.event (place, id, at, taken, name, source, who, who_type, device, address, cloud,
                  error_code, read_only, record)
                SELECT t.last + n, id, now(), now(), 'ClaimDevice', 'provisioning.mooring', 'operator', 'Operator', 'DEVICE0001',
                  '127.0.0.1', 'main', '', false, convert_to(format(?, md5(n::text), md5('a' || n), n % 250, n, id), 'UTF8')
                FROM audit.tail t, generate_series(1, ?) i, LATERAL (SELECT gen_random_uuid() AS id, i AS n) fresh
                """)) {
                insert.setString(1, record());
                insert.setInt(2, RECORDS);
                insert.executeUpdate();
            }
            statement.execute("UPDATE audit.tail SET last = last + " + RECORDS);
        }
    }

    /** A record as provisioning sends it; %s as SQL's format takes them. */
    private static String record() {
        return """
            {"eventVersion":"1.11","userIdentity":{"type":"Operator","principalId":"operator","accountId":"acme","userName":"operator"},\
            "eventTime":"2026-09-01T10:00:00Z","eventSource":"provisioning.mooring","eventName":"ClaimDevice","awsRegion":"local-1",\
            "sourceIPAddress":"10.20.30.40","userAgent":"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",\
            "requestParameters":{"id":"%s","account":"acme","product":"%s","name":"pump %s"},\
            "responseElements":{"state":"claimed"},"additionalEventData":{"sequence":{"source":"/services/provisioning",\
            "epoch":"c0b8a2de-8c6e-4f43-9d3e-0d3a6a5b5e11","number":%s},"cloud":"main"},\
            "requestID":"%5$s","eventID":"%5$s","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,\
            "eventCategory":"Management","recipientAccountId":"000000000000"}\
            """;
    }

    /** Waits until so many are stored; how many are. */
    private static long await(Devstack stack, long wanted) throws SQLException {
        try (Connection connection = stack.connection("mooring_audit");
                PreparedStatement select = connection.prepareStatement(
                        "SELECT coalesce(sum(last - first + 1), 0) FROM audit.log_file WHERE sha256 IS NOT NULL")) {
            while (true) {
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    if (row.getLong(1) >= wanted) {
                        return row.getLong(1);
                    }
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    private static void awaitSigned(Devstack stack) throws SQLException {
        try (Connection connection = stack.connection("mooring_audit");
                PreparedStatement select = connection.prepareStatement(
                        "SELECT count(*) FROM audit.log_file f LEFT JOIN audit.digest d ON d.id = f.digest"
                                + " WHERE d.announced IS NOT TRUE")) {
            long left = 1;
            while (left > 0) {
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    left = row.getLong(1);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    private static List<byte[]> files(Path trail) throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(trail)) {
            for (Path file : all.filter(path -> path.toString().contains("/CloudTrail/") && Files.isRegularFile(path))
                    .toList()) {
                try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                    files.add(in.readAllBytes());
                }
            }
        }
        return files;
    }

    private static long packed(List<byte[]> files) throws IOException, GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        long bytes = 0;
        for (byte[] file : files) {
            digest.update(file);
            ByteArrayOutputStream out = new ByteArrayOutputStream(file.length / 8);
            try (GZIPOutputStream gzip = new GZIPOutputStream(out, 64 * 1024)) {
                gzip.write(file);
            }
            bytes += file.length;
        }
        if (new String(digest.digest(), StandardCharsets.ISO_8859_1).isEmpty()) {
            throw new IllegalStateException("nothing was hashed");
        }
        return bytes;
    }
}
