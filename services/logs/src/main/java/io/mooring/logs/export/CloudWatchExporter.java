package io.mooring.logs.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.logs.LogMetrics;
import io.mooring.logs.core.EventBatches;
import io.mooring.logs.core.EventBatches.Event;
import io.mooring.logs.core.KeptLine;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClientBuilder;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.InputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.RejectedLogEventsInfo;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

/**
 * Hands lines on to CloudWatch Logs: a group for each cloud and product, a stream for each device, a line as JSON. A part that was
 * interrupted is compared with what is there, so that no line is there twice.
 */
@Singleton
class CloudWatchExporter implements Exporter.Receiver {
    private static final Logger LOG = Logger.getLogger(CloudWatchExporter.class);

    private static final int PART = 10_000;

    private final ExportConfig.CloudWatch config;
    private final Exporter exporter;
    private final LogMetrics metrics;
    private final Set<Stream> made = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> groups = new ConcurrentHashMap<>();
    private @Nullable CloudWatchLogsClient client;

    CloudWatchExporter(ExportConfig config, Exporter exporter, LogMetrics metrics) {
        this.config = config.cloudwatch();
        this.exporter = exporter;
        this.metrics = metrics;
    }

    /** A stream and the group it is in. */
    private record Stream(String group, String name) {}

    void start(@Observes StartupEvent event) {
        if (config.enabled()) {
            CloudWatchLogsClientBuilder builder = CloudWatchLogsClient.builder()
                    .region(Region.of(config.region()))
                    .httpClientBuilder(UrlConnectionHttpClient.builder()
                            .connectionTimeout(Duration.ofSeconds(5))
                            .socketTimeout(Duration.ofSeconds(30)));
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
        return "cloudwatch";
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
        CloudWatchLogsClient to = client;
        if (to == null) {
            throw new IOException("it is being closed");
        }
        Map<Stream, List<Event>> streams = new LinkedHashMap<>();
        Map<String, Integer> keeps = new HashMap<>();
        for (KeptLine line : lines) {
            String group = config.groupPrefix() + "/" + line.cloud() + "/"
                    + (line.product().isEmpty() ? "unknown" : line.product());
            streams.computeIfAbsent(new Stream(group, line.device()), stream -> new ArrayList<>())
                    .add(new Event(line.line().millis(), message(line)));
            keeps.put(group, line.keep());
        }
        try {
            for (Map.Entry<Stream, List<Event>> entry : streams.entrySet()) {
                Stream stream = entry.getKey();
                boolean fresh = make(to, stream, keeps.get(stream.group()));
                List<Event> events = again && !fresh ? missing(to, stream, entry.getValue()) : entry.getValue();
                for (List<Event> batch : EventBatches.of(events)) {
                    put(to, stream, batch);
                }
            }
        } catch (ResourceNotFoundException gone) {
            // Somebody removed a group or stream that was there: the next try makes it anew.
            made.clear();
            groups.clear();
            throw new IOException(gone.getMessage(), gone);
        } catch (SdkException away) {
            throw new IOException(away.getMessage(), away);
        }
    }

    /** Makes what is missing; whether the stream was. */
    private boolean make(CloudWatchLogsClient to, Stream stream, @Nullable Integer keep) {
        if (keep != null && !keep.equals(groups.get(stream.group()))) {
            boolean fresh = unlessThere(() -> to.createLogGroup(request -> request.logGroupName(stream.group())));
            LOG.debugf("log group %s, made now: %s", stream.group(), fresh);
            to.putRetentionPolicy(
                    request -> request.logGroupName(stream.group()).retentionInDays(keep));
            groups.put(stream.group(), keep);
        }
        if (made.contains(stream)) {
            return false;
        }
        boolean fresh = unlessThere(() -> to.createLogStream(
                request -> request.logGroupName(stream.group()).logStreamName(stream.name())));
        made.add(stream);
        return fresh;
    }

    private static boolean unlessThere(Runnable making) {
        try {
            making.run();
            return true;
        } catch (ResourceAlreadyExistsException there) {
            LOG.debugf("is there already: %s", there.getMessage());
            return false;
        }
    }

    private void put(CloudWatchLogsClient to, Stream stream, List<Event> batch) {
        PutLogEventsResponse answer = to.putLogEvents(request -> request.logGroupName(stream.group())
                .logStreamName(stream.name())
                .logEvents(batch.stream()
                        .map(event -> InputLogEvent.builder()
                                .timestamp(event.millis())
                                .message(event.message())
                                .build())
                        .toList()));
        int refused = Optional.ofNullable(answer.rejectedLogEventsInfo())
                .map(info -> refused(info, batch.size()))
                .orElse(0);
        if (refused > 0) {
            // Final: older than it takes, or than the group keeps.
            metrics.exportRefused(name(), refused);
            LOG.warnf("CloudWatch Logs does not take %d lines of %s, for their times", refused, stream.name());
        }
        metrics.exported(name(), batch.size() - refused);
    }

    private static int refused(RejectedLogEventsInfo info, int all) {
        int old = Math.max(
                Optional.ofNullable(info.tooOldLogEventEndIndex()).orElse(0),
                Optional.ofNullable(info.expiredLogEventEndIndex()).orElse(0));
        return old + all - Optional.ofNullable(info.tooNewLogEventStartIndex()).orElse(all);
    }

    /** Those events that are not there yet; of equal ones as many as are missing. */
    private static List<Event> missing(CloudWatchLogsClient to, Stream stream, List<Event> events) {
        Map<Event, Integer> there = new HashMap<>();
        long from = events.stream().mapToLong(Event::millis).min().orElse(0);
        long until = events.stream().mapToLong(Event::millis).max().orElse(0);
        String token = null;
        while (true) {
            GetLogEventsRequest.Builder request = GetLogEventsRequest.builder()
                    .logGroupName(stream.group())
                    .logStreamName(stream.name())
                    .startTime(from)
                    .endTime(until + 1)
                    .startFromHead(true)
                    .nextToken(token);
            GetLogEventsResponse page = to.getLogEvents(request.build());
            page.events().forEach(event -> there.merge(new Event(event.timestamp(), event.message()), 1, Integer::sum));
            // The same token again is the end (API reference, GetLogEvents).
            if (page.nextForwardToken() == null || page.nextForwardToken().equals(token)) {
                break;
            }
            token = page.nextForwardToken();
        }
        List<Event> missing = new ArrayList<>();
        for (Event event : events) {
            Integer count = there.get(event);
            if (count == null || count == 0) {
                missing.add(event);
            } else {
                there.put(event, count - 1);
            }
        }
        return missing;
    }

    private static String message(KeptLine line) {
        ObjectNode json = Json.object().put("level", line.line().level().label());
        if (!line.line().source().isEmpty()) {
            json.put("source", line.line().source());
        }
        json.put("text", line.line().text());
        if (line.line().fields() != null) {
            json.set("fields", Json.column(line.line().fields()));
        }
        return json.toString();
    }
}
