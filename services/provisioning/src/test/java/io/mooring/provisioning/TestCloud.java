package io.mooring.provisioning;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** The service as it ships, with the certificate authority and the database it has in life, and who calls it. */
record TestCloud(Devstack stack, OutboxRecorder outbox, Person anybody, Person operator, String productToken)
        implements AutoCloseable {
    private static final String OWNED = "{\"id\":\"%s\",\"account\":\"main\",\"cloud\":\"main\"}";

    static TestCloud start() throws Exception {
        return start(Map.of("QUARKUS_HTTP_HOST", "0.0.0.0"));
    }

    static TestCloud start(Map<String, String> environment) throws Exception {
        Devstack stack = Devstack.builder()
                .brief()
                .with(Component.PROVISIONING)
                .environment(Component.PROVISIONING, environment)
                .start();
        Person anybody = Person.of(stack);
        Person operator = anybody.showing("Bearer " + stack.secrets().operatorToken());
        String token = operator.post("/api/v1/products", "{\"name\":\"Demo\",\"cloudMadeKeys\":true}")
                .field("token");
        return new TestCloud(stack, OutboxRecorder.start(stack), anybody, operator, token);
    }

    /** The folder that holds the sources. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(folder.resolve("mooring"))) {
            folder = Objects.requireNonNull(folder.getParent(), "there is no ./mooring above the working directory");
        }
        return folder;
    }

    /** A device registers; {@code %s} in the body stands for its id. */
    Person.Answer register(String id, String body) throws Exception {
        return anybody.showing("bearer " + productToken).post("/device/register", body.replace("%s", id));
    }

    /** A device registers and is claimed; its token. */
    String join(String id) throws Exception {
        return register(id, OWNED).field("token");
    }

    /** A device asks for its certificate, with a request or, if that is empty, for a key too. */
    Person.Answer provision(String id, String token, String csr) throws Exception {
        String request = csr.isEmpty() ? "" : ",\"csr\":\"" + csr.replace("\n", "\\n") + "\"";
        return anybody.showing("bearer " + token)
                .post("/tok/device/provision", "{\"id\":\"" + id + "\"" + request + "}");
    }

    @Override
    public void close() {
        stack.close();
    }
}
