package io.mooring.messaging.core.request;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request between a device and an application.
 *
 * @param id unique
 * @param application who answers it, or asked it
 * @param seq the asker's own number; null if an application asked over HTTP
 * @param deadline until when an answer counts
 */
public record Pending(
        String id,
        Direction direction,
        String cloud,
        String device,
        @Nullable String account,
        String application,
        String name,
        @Nullable String seq,
        String body,
        Instant deadline) {
    /** Who asks whom. */
    public enum Direction {
        /** A device asks an application. */
        UP("up"),
        /** An application asks a device. */
        DOWN("down");

        private final String label;

        Direction(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }

        public static Direction of(String label) {
            return label.equals(UP.label) ? UP : DOWN;
        }
    }

    /** Below {@code ioto/device/{id}/}: an application asks; the device answers below {@link #ANSWER}. */
    public static final String REQUEST = "request/";

    /** Below {@code ioto/service/{id}/}, and below an application's own: the answer to a request, by its id. */
    public static final String ANSWER = "answer/";

    /** Where whoever is asked hears it, past their own part of the topic: with the id, by which they answer. */
    public String askedOn() {
        return switch (direction) {
            case UP -> REQUEST + id + "/" + device + "/" + name;
            case DOWN -> REQUEST + name + "/" + id;
        };
    }

    /** Where whoever asked hears the answer, past their own part; only if they asked over MQTT. */
    public String answeredOn() {
        return switch (direction) {
            case UP -> name + "/" + seq;
            case DOWN -> ANSWER + device + "/" + name + "/" + seq;
        };
    }
}
