package io.mooring.deploy.images;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.DockerDaemonImage;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring images}. */
@Command(
        name = "images",
        mixinStandardHelpOptions = true,
        description = "Makes the images, in the container engine of this machine; or as tar files, or in a registry.")
public final class Main implements Callable<Integer> {
    @Option(
            names = "--base",
            paramLabel = "IMAGE",
            defaultValue = "eclipse-temurin:25-jre",
            description = "What they stand on: any image with Java 25. The engine's own, if it has it, else a"
                    + " registry's. Default: ${DEFAULT-VALUE}.")
    private String base = "eclipse-temurin:25-jre";

    @Option(
            names = "--prefix",
            defaultValue = "mooring/",
            description =
                    "What comes before their names, such as registry.example.org/mooring/. Default: ${DEFAULT-VALUE}.")
    private String prefix = "mooring/";

    @Option(names = "--tag", defaultValue = "0.1.0", description = "Default: ${DEFAULT-VALUE}.")
    private String tag = "0.1.0";

    @Option(names = "--push", description = "Put them into the registry that the prefix names.")
    private boolean push;

    @Option(names = "--tar", paramLabel = "DIR", description = "Write them as files that docker load takes.")
    private @Nullable Path tar;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "Only these. Default: all.")
    private List<String> names = List.of();

    public static void main(String[] arguments) {
        CommandLine command = new CommandLine(new Main());
        command.setExecutionExceptionHandler((problem, line, parsed) -> {
            Throwable cause = problem.getCause() == null ? problem : problem.getCause();
            line.getErr().println("mooring: the images could not be made: " + cause.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        });
        System.exit(command.execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path root = Path.of(System.getProperty("mooring.root", "."))
                .toAbsolutePath()
                .normalize();
        ImageBuilder builder = new ImageBuilder(root);
        boolean ofEngine = engineHas(base);
        for (Image image : Catalogue.all()) {
            if (names.isEmpty() || names.contains(image.name())) {
                ImageReference reference = ImageBuilder.reference(prefix, image, tag);
                JibContainer made = builder.build(image, base(ofEngine))
                        .containerize(builder.inOurFolder(to(reference)).setOfflineMode(ofEngine && !push));
                System.out.println(reference + "  " + made.getDigest());
            }
        }
        return 0;
    }

    private JibContainerBuilder base(boolean ofEngine) throws InvalidImageReferenceException {
        return ofEngine ? Jib.from(DockerDaemonImage.named(base)) : Jib.from(registry(ImageReference.parse(base)));
    }

    private Containerizer to(ImageReference reference) throws IOException {
        if (push) {
            return Containerizer.to(registry(reference));
        }
        if (tar != null) {
            Files.createDirectories(tar);
            String file = reference.getRepository().replace('/', '-') + ".tar";
            return Containerizer.to(TarImage.at(tar.resolve(file)).named(reference));
        }
        return Containerizer.to(DockerDaemonImage.named(reference));
    }

    /** With what the user has signed in as. */
    private static RegistryImage registry(ImageReference reference) {
        return RegistryImage.named(reference)
                .addCredentialRetriever(CredentialRetrieverFactory.forImage(reference, event -> {})
                        .dockerConfig());
    }

    private static boolean engineHas(String image) throws InterruptedException {
        try {
            return new ProcessBuilder("docker", "image", "inspect", image)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noEngine) {
            return false;
        }
    }
}
