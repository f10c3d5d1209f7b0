package io.mooring.devstack.launcher.parts;

import io.mooring.devstack.launcher.place.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What each container is told that nobody else may know, as files in a folder of its own: {@code
 * application.properties} for a service, a secret alone in its file for what is no service of ours.
 */
public final class SecretFiles {
    private static final String LAUNCHER = "launcher";
    private static final String PROPERTIES = "application.properties";
    private static final String DATABASE_PASSWORD = "quarkus.datasource.password";
    private static final String ACCESS_MASTER_KEY = "mooring.access.master-key";

    private SecretFiles() {}

    /** The properties of each service, by its name, that are secret. Whoever asks for one needs only its secrets. */
    private static Map<String, Supplier<Map<String, String>>> properties(Secrets secrets) {
        Map<String, Supplier<Map<String, String>>> services = new LinkedHashMap<>();
        services.put(
                "certificate-authority",
                () -> Map.of(
                        DATABASE_PASSWORD,
                        secrets.rolePassword("mooring_certificates"),
                        "mooring.certificates.master-key",
                        secrets.certificatesMasterKey(),
                        "mooring.certificates.clients.provisioning",
                        Secrets.hashed(secrets.serviceToken("provisioning", "certificates")),
                        "mooring.certificates.clients." + LAUNCHER,
                        Secrets.hashed(secrets.serviceToken(LAUNCHER, "certificates"))));
        services.put(
                "provisioning",
                () -> Map.of(
                        DATABASE_PASSWORD,
                        secrets.rolePassword("mooring_provisioning"),
                        "mooring.provisioning.operator.password",
                        secrets.operatorPassword(),
                        "mooring.provisioning.operator.token",
                        secrets.operatorToken(),
                        "mooring.provisioning.certificates.token",
                        secrets.serviceToken("provisioning", "certificates"),
                        ACCESS_MASTER_KEY,
                        secrets.accessMasterKey(),
                        "quarkus.tls.devices.key-store.p12.password",
                        secrets.keystorePassword()));
        services.put(
                "sync",
                () -> Map.of(
                        DATABASE_PASSWORD,
                        secrets.rolePassword("mooring_sync"),
                        "mooring.sync.clients." + LAUNCHER,
                        Secrets.hashed(secrets.serviceToken(LAUNCHER, "sync"))));
        services.put(
                "messaging",
                () -> Map.of(
                        DATABASE_PASSWORD,
                        secrets.rolePassword("mooring_messaging"),
                        "mooring.messaging.operators." + LAUNCHER,
                        Secrets.hashed(secrets.operatorToken()),
                        ACCESS_MASTER_KEY,
                        secrets.accessMasterKey(),
                        "quarkus.tls.applications.key-store.p12.password",
                        secrets.keystorePassword()));
        services.put(
                "files",
                () -> Map.of(
                        ACCESS_MASTER_KEY,
                        secrets.accessMasterKey(),
                        "quarkus.tls.files.key-store.p12.password",
                        secrets.keystorePassword()));
        services.put(
                "audit",
                () -> Map.of(
                        DATABASE_PASSWORD,
                        secrets.rolePassword("mooring_audit"),
                        "mooring.audit.master-key",
                        secrets.auditMasterKey(),
                        ACCESS_MASTER_KEY,
                        secrets.accessMasterKey(),
                        "mooring.audit.operators." + LAUNCHER,
                        Secrets.hashed(secrets.operatorToken()),
                        "quarkus.tls.audit.key-store.p12.password",
                        secrets.keystorePassword()));
        services.put(
                "metrics",
                () -> Map.of(
                        DATABASE_PASSWORD,
                        secrets.rolePassword("mooring_metrics"),
                        ACCESS_MASTER_KEY,
                        secrets.accessMasterKey(),
                        "mooring.metrics.operators." + LAUNCHER,
                        Secrets.hashed(secrets.operatorToken()),
                        "quarkus.tls.metrics.key-store.p12.password",
                        secrets.keystorePassword()));
        services.put(
                "logs",
                () -> Map.of(
                        DATABASE_PASSWORD,
                        secrets.rolePassword("mooring_logs"),
                        ACCESS_MASTER_KEY,
                        secrets.accessMasterKey(),
                        "mooring.logs.operators." + LAUNCHER,
                        Secrets.hashed(secrets.operatorToken()),
                        "quarkus.tls.logs.key-store.p12.password",
                        secrets.keystorePassword()));
        return services;
    }

    /** The files of each container, by its name and theirs, made when they are asked for. */
    private static Map<String, Map<String, Supplier<String>>> containers(Secrets secrets) {
        Map<String, Map<String, Supplier<String>>> containers = new TreeMap<>();
        properties(secrets)
                .forEach((service, properties) ->
                        containers.put(service, Map.of(PROPERTIES, () -> text(properties.get()))));
        containers.put("postgresql", Map.of("password", () -> secrets.rolePassword(DatabaseServer.SUPERUSER)));
        containers.put("connect", Map.of("cdc-password", () -> secrets.rolePassword("mooring_cdc")));
        containers.put("broker", Map.of("keystore-password", secrets::keystorePassword));
        containers.put(
                "certificates",
                Map.of(
                        "keystore-password",
                        secrets::keystorePassword,
                        "token-launcher-to-certificates",
                        () -> secrets.serviceToken(LAUNCHER, "certificates")));
        return containers;
    }

    /**
     * All files there are to be, by their paths below the folder: {@code sync/application.properties}.
     *
     * @param secrets of the cloud; made if they are not there yet
     */
    public static Map<String, String> all(Secrets secrets) {
        Map<String, String> files = new TreeMap<>();
        containers(secrets)
                .forEach((container, contents) ->
                        contents.forEach((name, content) -> files.put(container + "/" + name, content.get())));
        return files;
    }

    /**
     * The files of one container, by their names.
     *
     * @param secrets of which no others than that container's are looked at
     * @throws IllegalArgumentException if there is no such container
     */
    public static Map<String, String> of(String container, Secrets secrets) {
        Map<String, Supplier<String>> contents = containers(secrets).get(container);
        if (contents == null) {
            throw new IllegalArgumentException("nothing secret is told to " + container);
        }
        Map<String, String> files = new TreeMap<>();
        contents.forEach((name, content) -> files.put(name, content.get()));
        return files;
    }

    /** Writes all of them below a folder; each is replaced whole. */
    public static void write(Secrets secrets, Path folder) throws IOException {
        // Roles that no container signs in as are people's.
        DatabaseServer.ROLES.forEach(secrets::rolePassword);
        write(all(secrets), folder);
    }

    /** Writes files, by their names, below a folder; each is replaced whole. */
    public static void write(Map<String, String> files, Path folder) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path target = folder.resolve(file.getKey());
            Files.createDirectories(target.resolveSibling("."));
            Path fresh = target.resolveSibling(target.getFileName() + ".new");
            Files.writeString(fresh, file.getValue() + "\n");
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** No value has a character that the format would change: they are base64, of either alphabet, or hex. */
    private static String text(Map<String, String> properties) {
        return new TreeMap<>(properties)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining("\n"));
    }
}
