package io.mooring.audit;

import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Sha256;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.db.ArchiveStore;
import io.mooring.audit.store.ObjectStore;
import io.mooring.chassis.db.Database;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.jboss.logging.Logger;

/**
 * Has digests' signatures stamped by an authority of others (RFC 3161, section 3.4), if there is one. The trail waits for
 * nobody: a stamp that cannot be had now is asked for again, for a day.
 */
@Singleton
class Stamper {
    private static final Logger LOG = Logger.getLogger(Stamper.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration GIVES_UP_AFTER = Duration.ofDays(1);
    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final int NONCE_BITS = 64;
    private static final int MOST_BYTES = 64 * 1024;

    private final Optional<URI> authority;
    private final Database database;
    private final ObjectStore store;
    private final TrailLayout layout;
    private final SecureRandom random = new SecureRandom();
    private final Clock clock = Clock.systemUTC();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private Instant notBefore = Instant.EPOCH;

    Stamper(AuditConfig config, Database database, ObjectStore store, TrailLayout layout) {
        this.authority = config.timestamp().url();
        this.database = database;
        this.store = store;
        this.layout = layout;
    }

    @PreDestroy
    void close() {
        http.close();
    }

    /** Has the next digest stamped that is not. */
    void stampNext() {
        Instant now = clock.instant();
        if (authority.isEmpty() || now.isBefore(notBefore)) {
            return;
        }
        try {
            Optional<DigestHead> head =
                    database.read(connection -> ArchiveStore.unstamped(connection, now.minus(GIVES_UP_AFTER)));
            if (head.isPresent()) {
                byte[] token = ask(authority.get(), head.get().signature());
                store.put(layout.timestampKey(head.get().end()), token, Map.of());
                database.run(connection ->
                        ArchiveStore.stamped(connection, head.get().object(), now));
            }
        } catch (IOException | SQLException | TSPException failed) {
            LOG.warnf("no time stamp from %s, asking again in %s: %s", authority.get(), PAUSE, failed.getMessage());
            notBefore = now.plus(PAUSE);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private byte[] ask(URI url, String signature) throws IOException, TSPException, InterruptedException {
        byte[] hash = HexFormat.of().parseHex(Sha256.hex(signature.getBytes(StandardCharsets.US_ASCII)));
        TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
        generator.setCertReq(true);
        TimeStampRequest request = generator.generate(TSPAlgorithms.SHA256, hash, new BigInteger(NONCE_BITS, random));
        HttpResponse<byte[]> answer = http.send(
                HttpRequest.newBuilder(url)
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/timestamp-query")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(request.getEncoded()))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200 || answer.body().length > MOST_BYTES) {
            throw new IOException("the authority answers with status " + answer.statusCode());
        }
        TimeStampResponse response = new TimeStampResponse(answer.body());
        response.validate(request);
        if (response.getTimeStampToken() == null) {
            throw new IOException("the authority refuses: " + response.getStatusString());
        }
        return response.getTimeStampToken().getEncoded();
    }
}
