package io.mooring.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.mooring.devstack.launcher.place.Installation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** One version of Helm, as {@code deploy/helm/fetch} builds it. */
record Helm(int major, Path program) {
    static final Path ROOT = Installation.find().root();
    static final Path CHART = ROOT.resolve("deploy/helm/mooring");
    static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** What a run said. */
    record Said(int code, String output) {}

    /** Both of them; where there are none the test is skipped, but not in continuous integration. */
    static List<Helm> both() {
        List<Helm> found = new ArrayList<>();
        for (int major : new int[] {3, 4}) {
            Path program = ROOT.resolve(".mooring/helm/helm" + major);
            if (Files.isExecutable(program)) {
                found.add(new Helm(major, program));
            }
        }
        if (found.size() < 2) {
            String missing = "THE CHART IS NOT TESTED: Helm 3 and Helm 4 are wanted in .mooring/helm; deploy/helm/fetch"
                    + " builds them";
            System.err.println(missing);
            assertThat(System.getenv("CI")).as(missing).isNull();
            Assumptions.abort(missing);
        }
        return found;
    }

    /** The profiles of values that are tried. */
    static List<Path> profiles() throws IOException {
        try (Stream<Path> files = Files.list(CHART.resolve("ci"))) {
            return files.sorted().toList();
        }
    }

    /** The manifests that a profile makes, those of {@code helm test} too. */
    List<JsonNode> rendered(Path profile) throws IOException, InterruptedException {
        Said said = run(
                "template",
                "cloud",
                CHART.toString(),
                "-n",
                "devices",
                "--kube-version=1.34",
                "-f",
                profile.toString());
        assertThat(said.code()).as(said.output()).isZero();
        List<JsonNode> documents = new ArrayList<>();
        try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(said.output())) {
            while (all.hasNext()) {
                JsonNode document = all.next();
                if (document != null && document.isObject()) {
                    documents.add(document);
                }
            }
        }
        return documents;
    }

    Said run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.to(
                        ROOT.resolve("deploy/target/helm.err").toFile()))
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        return new Said(code, code == 0 ? output : output + Files.readString(ROOT.resolve("deploy/target/helm.err")));
    }

    @Override
    public String toString() {
        return "Helm " + major;
    }
}
