package io.mooring.bench.telemetry;

import io.mooring.bench.bridge.KafkaLoad;
import io.mooring.bench.cloud.BenchCloud;
import io.mooring.bench.cloud.Crowd;
import io.mooring.bench.cloud.ProcessorTime;
import io.mooring.bench.sync.Listener;
import io.mooring.bench.sync.SyncOptions;
import io.mooring.bridge.stack.BrokerNode;
import io.mooring.bridge.stack.JvmUse;
import io.mooring.bridge.stack.KafkaNode;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.parts.DataTree;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What the same messages take of the processors where nothing is done with them: HiveMQ without us, over mutual TLS, and Kafka with a bare
 * producer that sends as the bridge does. No cloud on these parts takes less.
 */
final class PartsAlone {
    private static final int LONGEST_SECONDS = 60;
    private static final int CONNECTING_AT_ONCE = 16;
    private static final long CONNECT_SECONDS = 60;
    private static final String PREFIX = "bench";

    private final SyncOptions options;
    private final Path root;
    private final int seconds;

    PartsAlone(SyncOptions options, Path root) {
        this.options = options;
        this.root = root;
        this.seconds = Math.min(LONGEST_SECONDS, options.get("seconds"));
    }

    void run() throws Exception {
        double broker = broker();
        double kafka = kafka();
        System.out.printf(
                Locale.ROOT,
                "the parts alone        %5.1f %% of a processor: HiveMQ without us %.1f, Kafka with a bare producer's records %.1f%n",
                (broker + kafka) * 100,
                broker * 100,
                kafka * 100);
    }

    private double broker() throws Exception {
        Path folder = Files.createTempDirectory("mooring-bench");
        TestAuthority authority = new TestAuthority();
        NioEventLoopGroup group = new NioEventLoopGroup(1);
        try (BrokerNode broker = BrokerNode.startBare(
                root, folder.resolve("broker"), authority, BenchCloud.BROKER_FOR_MANY.toArray(String[]::new))) {
            System.out.println(options.get("devices") + " devices connect to a broker without us");
            TrustManagerFactory trust = authority.trustManagers();
            List<String> ids = IntStream.range(0, options.get("devices"))
                    .mapToObj(i -> "D" + i)
                    .toList();
            List<Listener> devices = Collections.synchronizedList(new ArrayList<>());
            Crowd.all(ids, CONNECTING_AT_ONCE, id -> {
                TestAuthority.Identity identity = authority.device(id);
                SslContext tls = SslContextBuilder.forClient()
                        .protocols("TLSv1.3")
                        .keyManager(identity.key(), identity.certificate())
                        .trustManager(trust)
                        .build();
                devices.add(Listener.connect(group, tls, broker.port(), id, (device, tail, payload) -> {})
                        .get(CONNECT_SECONDS, TimeUnit.SECONDS));
            });
            Batches batches = new Batches(TelemetryBench.METRICS, false);
            return share(
                    broker.process().pid(),
                    number -> devices.get((int) (number % devices.size())).say("metric/batch", batches.next(number)));
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
            DataTree.delete(folder);
        }
    }

    private double kafka() throws Exception {
        Path folder = Files.createTempDirectory("mooring-bench");
        try (KafkaNode kafka = KafkaNode.start(JvmUse.LASTING, root, folder.resolve("kafka"))) {
            kafka.createTopics(PREFIX);
            try (Producer<String, String> producer = new KafkaProducer<>(
                    KafkaLoad.asTheBridge(kafka.bootstrap()), new StringSerializer(), new StringSerializer())) {
                Batches batches = new Batches(TelemetryBench.METRICS, false);
                String topic = Topic.METRIC_UPLINK.name(PREFIX);
                return share(
                        kafka.process().pid(),
                        number -> producer.send(new ProducerRecord<>(
                                topic, "D" + number % options.get("devices"), batches.next(number))));
            }
        } finally {
            DataTree.delete(folder);
        }
    }

    /** What a process takes of a processor while something is done steadily, after it is warm. */
    private double share(long pid, LongConsumer one) throws IOException, InterruptedException {
        AtomicBoolean stopped = new AtomicBoolean();
        Thread load = Thread.ofPlatform()
                .daemon()
                .name("load")
                .start(() -> Batches.steadily(options.get("per-second"), stopped::get, one));
        TimeUnit.SECONDS.sleep(Math.min(LONGEST_SECONDS, options.get("warm")));
        double before = ProcessorTime.seconds(pid);
        TimeUnit.SECONDS.sleep(seconds);
        double after = ProcessorTime.seconds(pid);
        stopped.set(true);
        load.join();
        return (after - before) / seconds;
    }
}
