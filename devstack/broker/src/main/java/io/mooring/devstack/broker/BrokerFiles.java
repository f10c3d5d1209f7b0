package io.mooring.devstack.broker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The broker's folders: its configuration, its sessions, its extensions. */
record BrokerFiles(Path configuration, Path data, Path extensions) {
    /** The bridge knows applications by the listener they came in by. */
    private static final String APPLICATIONS = "applications";

    /** Makes the folders below one, writes the configuration and unpacks the extension anew. */
    static BrokerFiles prepare(BrokerOptions options) throws IOException {
        BrokerFiles files = new BrokerFiles(
                options.data().resolve("conf"),
                options.data().resolve("data"),
                options.data().resolve("extensions"));
        deleteTree(files.extensions);
        for (Path folder : new Path[] {files.configuration, files.data, files.extensions}) {
            Files.createDirectories(folder);
        }
        Files.writeString(files.configuration.resolve("config.xml"), configuration(options));
        if (options.extension().isPresent()) {
            unzip(options.extension().get(), files.extensions);
        }
        return files;
    }

    /** Passwords stay in the environment: the broker replaces the placeholders itself. */
    private static String configuration(BrokerOptions options) {
        return """
                <?xml version="1.0"?>
                <hivemq>
                  <listeners>
                %s  </listeners>
                  <mqtt>
                    <packets>
                      <max-packet-size>524288</max-packet-size>
                    </packets>
                    <receive-maximum>
                      <server-receive-maximum>100</server-receive-maximum>
                    </receive-maximum>
                    <queued-messages>
                      <max-queue-size>10000</max-queue-size>
                      <strategy>discard-oldest</strategy>
                    </queued-messages>
                    <!-- Of application topics only: the bridge takes all that is published. -->
                    <retained-messages>
                      <enabled>true</enabled>
                    </retained-messages>
                    <shared-subscriptions>
                      <enabled>false</enabled>
                    </shared-subscriptions>
                  </mqtt>
                  <restrictions>
                    <max-client-id-length>64</max-client-id-length>
                    <!-- Half of it is the bridge's own, around topics of shared subscriptions. -->
                    <max-topic-length>512</max-topic-length>
                    <no-connect-idle-timeout>10000</no-connect-idle-timeout>
                  </restrictions>
                  <persistence>
                    <mode>file</mode>
                  </persistence>
                  <anonymous-usage-statistics>
                    <enabled>false</enabled>
                  </anonymous-usage-statistics>
                </hivemq>
                """.formatted(listeners(options));
    }

    private static String listeners(BrokerOptions options) {
        String devices = listener(options, "devices", options.port(), "REQUIRED");
        return options.applicationPort() == 0
                ? devices
                : devices + listener(options, APPLICATIONS, options.applicationPort(), "OPTIONAL");
    }

    private static String listener(BrokerOptions options, String name, int port, String clientAuthentication) {
        return """
                    <tls-tcp-listener>
                      <name>%s</name>
                      <port>%d</port>
                      <bind-address>%s</bind-address>
                      <tls>
                        <protocols>
                          <protocol>TLSv1.3</protocol>
                          <protocol>TLSv1.2</protocol>
                        </protocols>
                        <keystore>
                          <path>%s</path>
                          <password>${ENV:%s}</password>
                          <private-key-password>${ENV:%s}</private-key-password>
                        </keystore>
                        <truststore>
                          <path>%s</path>
                          <password>${ENV:%s}</password>
                        </truststore>
                        <client-authentication-mode>%s</client-authentication-mode>
                      </tls>
                    </tls-tcp-listener>
                """.formatted(
                        name,
                        port,
                        escape(options.bind()),
                        escape(options.keystore().toString()),
                        BrokerOptions.KEYSTORE_PASSWORD,
                        BrokerOptions.KEYSTORE_PASSWORD,
                        escape(options.truststore().toString()),
                        BrokerOptions.TRUSTSTORE_PASSWORD,
                        clientAuthentication);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static void unzip(Path zip, Path folder) throws IOException {
        try (InputStream file = Files.newInputStream(zip);
                ZipInputStream entries = new ZipInputStream(file)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Path target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException(zip + " has an entry outside of its folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.resolveSibling("."));
                    Files.copy(entries, target);
                }
            }
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(folder)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }
}
