package io.mooring.devstack.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Where each component listens, on loopback.
 *
 * @param api the devices' and the operators' API, HTTPS
 * @param mqtt the broker, mutual TLS
 * @param mqttApplications the broker, for applications, TLS
 * @param postgresql the database
 * @param kafka Kafka
 * @param kafkaController Kafka's own controller
 * @param connect Kafka Connect's REST interface
 * @param provisioning health and metrics of provisioning, plain HTTP
 * @param certificateAuthority the certificate authority, plain HTTP
 * @param sync sync, plain HTTP
 * @param files devices' files, plain HTTP
 * @param filesTls devices' files, HTTPS
 * @param messaging health and metrics of messaging, plain HTTP
 * @param messagingTls the applications' API, HTTPS
 * @param audit health and metrics of audit, plain HTTP
 * @param auditTls the audit trail's API, HTTPS
 * @param metrics metrics, plain HTTP
 * @param metricsTls metrics, HTTPS
 * @param logs logs, plain HTTP
 * @param logsTls logs, HTTPS
 */
public record Ports(
        int api,
        int mqtt,
        int mqttApplications,
        int postgresql,
        int kafka,
        int kafkaController,
        int connect,
        int provisioning,
        int certificateAuthority,
        int sync,
        int files,
        int filesTls,
        int messaging,
        int messagingTls,
        int audit,
        int auditTls,
        int metrics,
        int metricsTls,
        int logs,
        int logsTls) {
    private static final int COUNT = 20;

    /** Below the range from which the system takes ports for outgoing connections. */
    private static final int LOWEST_FREE = 15_000;

    private static final int HIGHEST_FREE = 32_000;

    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    /** The ports of the documentation, moved by {@code offset}; clouds side by side use different offsets. */
    public static Ports standard(int offset) {
        return new Ports(
                7443 + offset,
                7883 + offset,
                7884 + offset,
                7432 + offset,
                7092 + offset,
                7093 + offset,
                7083 + offset,
                7101 + offset,
                7102 + offset,
                7103 + offset,
                7104 + offset,
                7444 + offset,
                7105 + offset,
                7445 + offset,
                7106 + offset,
                7446 + offset,
                7107 + offset,
                7447 + offset,
                7108 + offset,
                7448 + offset);
    }

    /** Ports that nobody uses at this moment. */
    public static Ports free() {
        List<Integer> found = Stream.generate(Ports::anyFree).limit(COUNT).toList();
        return new Ports(
                found.get(0),
                found.get(1),
                found.get(2),
                found.get(3),
                found.get(4),
                found.get(5),
                found.get(6),
                found.get(7),
                found.get(8),
                found.get(9),
                found.get(10),
                found.get(11),
                found.get(12),
                found.get(13),
                found.get(14),
                found.get(15),
                found.get(16),
                found.get(17),
                found.get(18),
                found.get(19));
    }

    /** A port that nobody uses at this moment, and that nobody here was given before: who was may not listen yet. */
    public static int anyFree() {
        SplittableRandom random = new SplittableRandom();
        while (true) {
            int candidate = random.nextInt(LOWEST_FREE, HIGHEST_FREE);
            if (isFree(candidate) && GIVEN.add(candidate)) {
                return candidate;
            }
        }
    }

    /** The port that matters most of a component: where its users reach it. */
    public int of(Component component) {
        return switch (component) {
            case POSTGRESQL -> postgresql;
            case KAFKA -> kafka;
            case CONNECT -> connect;
            case CERTIFICATE_AUTHORITY -> certificateAuthority;
            case PROVISIONING -> api;
            case SYNC -> sync;
            case FILES -> filesTls;
            case MESSAGING -> messagingTls;
            case AUDIT -> auditTls;
            case METRICS -> metricsTls;
            case LOGS -> logsTls;
            case BROKER -> mqtt;
        };
    }

    private List<Integer> allOf(Component component) {
        return switch (component) {
            case KAFKA -> List.of(kafka, kafkaController);
            case PROVISIONING -> List.of(api, provisioning);
            case FILES -> List.of(filesTls, files);
            case MESSAGING -> List.of(messagingTls, messaging);
            case AUDIT -> List.of(auditTls, audit);
            case METRICS -> List.of(metricsTls, metrics);
            case LOGS -> List.of(logsTls, logs);
            case BROKER -> List.of(mqtt, mqttApplications);
            case POSTGRESQL, CONNECT, CERTIFICATE_AUTHORITY, SYNC -> List.of(of(component));
        };
    }

    /** Those of the components' ports that somebody else listens on, each with the component's name. */
    List<String> taken(Set<Component> components) {
        List<String> taken = new ArrayList<>();
        for (Component component : components) {
            for (int port : allOf(component)) {
                if (!isFree(port)) {
                    taken.add(port + " (" + component.label() + ")");
                }
            }
        }
        return taken;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As the components do: a port whose last connections are still fading is free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
