package io.mooring.audit.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.audit.core.verify.Expectation;
import io.mooring.audit.core.verify.Finding;
import io.mooring.audit.core.verify.Question;
import io.mooring.audit.core.verify.TimestampAuthority;
import io.mooring.audit.core.verify.TrailVerifier;
import io.mooring.audit.core.verify.Verdict;
import io.mooring.audit.kafka.HeadTopic;
import io.mooring.audit.store.FolderStore;
import io.mooring.chassis.kafka.KafkaSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code ./mooring audit verify}: verifies a copy of a trail's files, with nothing running. Exit code 0 if all is well, 1 if
 * something was found, 2 if it could not look.
 */
public final class VerifyMain {
    private static final String USAGE = """
        options:
          --folder DIR      the trail, or a copy of it
          --keys FILE       the public keys, as GET /v1/audit/keys answers them, from another place than the folder
          --heads FILE      heads that must be there: as GET /v1/audit/heads answers, or one a line
          --complete        and those heads are all there are
          --kafka SERVERS   and Kafka's heads, of the topic --topic NAME
          --until TIME      the trail must reach this time
          --partial         what was before the first digest was removed
          --authority FILE  PEM of an authority whose time stamps count
          --json            print one JSON document""";

    private @Nullable Path folder;
    private @Nullable Instant until;
    private @Nullable String servers;
    private String topic = "mooring.audit.digest.v1";
    private boolean partial;
    private boolean complete;
    private boolean json;
    private final List<TrailPublicKey> keys = new ArrayList<>();
    private final List<DigestHead> heads = new ArrayList<>();
    private final List<TimestampAuthority> authorities = new ArrayList<>();

    private final PrintStream out;

    private VerifyMain(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** All of the program but its end: answers its exit code. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        try {
            VerifyMain main = new VerifyMain(out);
            main.read(arguments);
            return main.run();
        } catch (IOException | UncheckedIOException | IllegalArgumentException | CertificateException problem) {
            err.println("mooring: " + problem.getMessage());
            return 2;
        }
    }

    private void read(String[] arguments) throws IOException, CertificateException {
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--partial" -> partial = true;
                case "--complete" -> complete = true;
                case "--json" -> json = true;
                case "--folder", "--keys", "--heads", "--kafka", "--topic", "--until", "--authority" -> {
                    if (i + 1 == arguments.length) {
                        throw new IllegalArgumentException(arguments[i] + " needs a value; " + USAGE);
                    }
                    read(arguments[i], arguments[++i]);
                }
                default -> throw new IllegalArgumentException("there is no option " + arguments[i] + "; " + USAGE);
            }
        }
        if (folder == null || keys.isEmpty()) {
            throw new IllegalArgumentException("--folder and --keys are needed; " + USAGE);
        }
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(folder + " is no folder");
        }
    }

    private void read(String option, String value) throws IOException, CertificateException {
        switch (option) {
            case "--folder" -> folder = Path.of(value);
            case "--kafka" -> servers = value;
            case "--topic" -> topic = value;
            case "--until" -> {
                try {
                    until = Instant.parse(value);
                } catch (DateTimeException none) {
                    throw new IllegalArgumentException("--until is a time such as 2026-09-01T10:00:00Z", none);
                }
            }
            case "--keys" -> {
                for (JsonNode key : items(value, "keys")) {
                    keys.add(TrailPublicKey.of(key));
                }
            }
            case "--heads" -> {
                for (JsonNode head : items(value, "heads")) {
                    heads.add(DigestHead.of(head));
                }
            }
            default -> {
                try (InputStream in = Files.newInputStream(Path.of(value))) {
                    for (var certificate :
                            CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                        authorities.add(new TimestampAuthority((X509Certificate) certificate));
                    }
                }
            }
        }
    }

    /** The items of a document's list, or one a line. */
    private static List<JsonNode> items(String file, String list) throws IOException {
        List<JsonNode> items = new ArrayList<>();
        String text = Files.readString(Path.of(file)).strip();
        for (String line : text.split("\n")) {
            if (line.isBlank()) {
                continue;
            }
            JsonNode json = Json.read(line.getBytes(StandardCharsets.UTF_8));
            if (json.path(list).isArray()) {
                json.path(list).forEach(items::add);
            } else {
                items.add(json);
            }
        }
        return items;
    }

    private int run() throws IOException {
        FolderStore store = new FolderStore(Objects.requireNonNull(folder));
        List<Expectation> expectations = new ArrayList<>();
        if (!heads.isEmpty() || complete) {
            expectations.add(new Expectation(complete ? "the database" : "the list of heads", heads, complete));
        }
        if (servers != null) {
            List<DigestHead> announced =
                    HeadTopic.read(new KafkaSettings(Map.of("bootstrap.servers", servers)), topic).values().stream()
                            .map(HeadTopic.Announced::head)
                            .toList();
            expectations.add(new Expectation("Kafka", announced, false));
        }
        Question question = new Question(keys, expectations, partial, until, authorities);
        Verdict verdict = TrailVerifier.verify(question, store.list("", "", Integer.MAX_VALUE), key -> {
            try {
                return store.get(key).orElse(null);
            } catch (IOException unreadable) {
                throw new UncheckedIOException(key + " cannot be read: " + unreadable.getMessage(), unreadable);
            }
        });
        if (json) {
            out.println(VerdictJson.of(verdict));
        } else {
            print(verdict);
        }
        return verdict.isGood() ? 0 : 1;
    }

    private void print(Verdict verdict) {
        verdict.findings().forEach(finding -> out.println("FOUND  " + finding));
        out.printf(
                "%d digests, %d log files, %d records%s%s%s%n",
                verdict.digests(),
                verdict.logFiles(),
                verdict.records(),
                verdict.pending() == 0 ? "" : "; " + verdict.pending() + " log files wait for the next digest",
                verdict.unnumbered() == 0 ? "" : "; " + verdict.unnumbered() + " records bear no number",
                verdict.stamped() == 0 ? "" : "; " + verdict.stamped() + " digests bear a time stamp");
        verdict.head().ifPresent(head -> out.println("head   " + head.toJson()));
        out.println(
                verdict.isGood()
                        ? "valid: the trail is whole, and as it was written"
                        : "NOT valid: "
                                + verdict.findings().stream()
                                        .map(Finding::code)
                                        .map(Finding.Code::label)
                                        .distinct()
                                        .toList());
    }
}
