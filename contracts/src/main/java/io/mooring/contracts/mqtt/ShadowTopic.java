package io.mooring.contracts.mqtt;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A request to one of a device's shadows, as its topic says: {@code $aws/things/{id}/shadow/update} for the classic
 * shadow, {@code $aws/things/{id}/shadow/name/{name}/update} for a named one (AWS IoT Core developer guide, "Device
 * Shadow MQTT topics").
 *
 * @param shadow the shadow's name; {@link #CLASSIC} for the one without a name
 */
public record ShadowTopic(String shadow, Operation operation) {
    /** The name of the shadow that has none. */
    public static final String CLASSIC = "";

    /** The longest name of a shadow, in characters. */
    public static final int LONGEST_NAME = 64;

    private static final Pattern NAME = Pattern.compile("[$a-zA-Z0-9:_-]{1," + LONGEST_NAME + "}");
    private static final String CLASSIC_BASE = DeviceTopics.RESERVED + DeviceTopics.SHADOW;
    private static final String NAMED_BASE = CLASSIC_BASE + "name/";

    /** What is asked of a shadow. */
    public enum Operation {
        GET,
        UPDATE,
        DELETE;

        private final String level = name().toLowerCase(Locale.ROOT);

        static Optional<Operation> of(String level) {
            for (Operation operation : values()) {
                if (operation.level.equals(level)) {
                    return Optional.of(operation);
                }
            }
            return Optional.empty();
        }
    }

    public ShadowTopic {
        if (!shadow.equals(CLASSIC) && !isName(shadow)) {
            throw new IllegalArgumentException("not the name of a shadow");
        }
    }

    /** Whether a shadow may bear this name: 1 to 64 of {@code A-Z a-z 0-9 $ : _ -}. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Reads a request's {@link #tail}; empty if it is none. */
    public static Optional<ShadowTopic> parse(String tail) {
        if (!tail.startsWith(CLASSIC_BASE)) {
            return Optional.empty();
        }
        if (!tail.startsWith(NAMED_BASE)) {
            return Operation.of(tail.substring(CLASSIC_BASE.length()))
                    .map(operation -> new ShadowTopic(CLASSIC, operation));
        }
        int slash = tail.indexOf('/', NAMED_BASE.length());
        if (slash < 0 || !isName(tail.substring(NAMED_BASE.length(), slash))) {
            return Optional.empty();
        }
        return Operation.of(tail.substring(slash + 1))
                .map(operation -> new ShadowTopic(tail.substring(NAMED_BASE.length(), slash), operation));
    }

    /** The topic told apart from its device: {@code $aws/} and what follows {@code $aws/things/{id}/}. */
    public String tail() {
        return (shadow.equals(CLASSIC) ? CLASSIC_BASE : NAMED_BASE + shadow + "/") + operation.level;
    }

    /** Where the answer is told, such as {@code accepted}, in the same form as {@link #tail}. */
    public String tail(String answer) {
        return tail() + "/" + answer;
    }
}
