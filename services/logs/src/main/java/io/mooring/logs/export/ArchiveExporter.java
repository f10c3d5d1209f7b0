package io.mooring.logs.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.logs.LogMetrics;
import io.mooring.logs.core.KeptLine;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * Writes lines into a bucket: JSON lines, compressed, {@code PREFIX CLOUD/YYYY/MM/DD/FIRST-LAST.jsonl.gz} by the days of their
 * times. An object's name says which lines it has, and a part that is written again has the same ones: it is replaced by itself.
 */
@Singleton
class ArchiveExporter implements Exporter.Receiver {
    private static final int PART = 20_000;

    private final ExportConfig.Archive config;
    private final Exporter exporter;
    private final LogMetrics metrics;
    private @Nullable S3Client client;

    ArchiveExporter(ExportConfig config, Exporter exporter, LogMetrics metrics) {
        this.config = config.archive();
        this.exporter = exporter;
        this.metrics = metrics;
    }

    void start(@Observes StartupEvent event) {
        if (config.bucket().isPresent()) {
            S3ClientBuilder builder = S3Client.builder()
                    .region(Region.of(config.region()))
                    .forcePathStyle(config.pathStyle())
                    .httpClientBuilder(UrlConnectionHttpClient.builder()
                            .connectionTimeout(Duration.ofSeconds(5))
                            .socketTimeout(Duration.ofSeconds(60)));
            config.endpoint().ifPresent(endpoint -> builder.endpointOverride(URI.create(endpoint)));
            client = builder.build();
            exporter.start(this);
        }
    }

    @PreDestroy
    void stop() {
        if (client != null) {
            client.close();
        }
    }

    @Override
    public String name() {
        return "archive";
    }

    @Override
    public int most() {
        return PART;
    }

    @Override
    public Duration interval() {
        return config.interval();
    }

    @Override
    public void take(List<KeptLine> lines, boolean again) throws IOException {
        S3Client to = client;
        if (to == null) {
            throw new IOException("it is being closed");
        }
        Map<String, List<KeptLine>> days = new TreeMap<>();
        for (KeptLine line : lines) {
            String day = Instant.ofEpochMilli(line.line().millis())
                    .atZone(ZoneOffset.UTC)
                    .toLocalDate()
                    .toString()
                    .replace('-', '/');
            days.computeIfAbsent(line.cloud() + "/" + day, key -> new ArrayList<>())
                    .add(line);
        }
        try {
            for (Map.Entry<String, List<KeptLine>> day : days.entrySet()) {
                List<KeptLine> own = day.getValue();
                String key = String.format(
                        Locale.ROOT,
                        "%s%s/%018d-%018d.jsonl.gz",
                        config.prefix().orElse(""),
                        day.getKey(),
                        own.getFirst().seq(),
                        own.getLast().seq());
                byte[] bytes = packed(own);
                to.putObject(
                        request -> request.bucket(config.bucket().orElseThrow())
                                .key(key)
                                .contentType("application/gzip"),
                        RequestBody.fromBytes(bytes));
                metrics.exported(name(), own.size());
            }
        } catch (SdkException away) {
            throw new IOException(away.getMessage(), away);
        }
    }

    private static byte[] packed(List<KeptLine> lines) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            for (KeptLine line : lines) {
                ObjectNode json = Json.object()
                        .put("seq", line.seq())
                        .put("time", Instant.ofEpochMilli(line.line().millis()).toString())
                        .put("cloud", line.cloud())
                        .put("product", line.product())
                        .put("device", line.device())
                        .put("level", line.line().level().label())
                        .put("source", line.line().source())
                        .put("text", line.line().text());
                if (line.line().fields() != null) {
                    json.set("fields", Json.column(line.line().fields()));
                }
                out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }
}
