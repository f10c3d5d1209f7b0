package io.mooring.provisioning.keys;

import io.mooring.provisioning.core.Outcome;
import java.util.Locale;
import java.util.Optional;

/**
 * A URL that a device wants for one of its files (device protocol, section 1.6).
 *
 * @param filename below the device's own prefix
 * @param mimeType of what will be put
 * @param size of what will be put, in bytes, at most
 */
public record SignedUrlRequest(Command command, String filename, Optional<String> mimeType, Optional<Long> size) {
    private static final int LONGEST_NAME = 900;
    private static final int LONGEST_TYPE = 128;

    /** What the URL is for. */
    public enum Command {
        PUT,
        GET,
        DELETE
    }

    /** Reads one; refused with {@code bad_command}, {@code bad_filename}, {@code bad_type} or {@code bad_size}. */
    public static Outcome<SignedUrlRequest> of(
            String command, String filename, Optional<String> mimeType, Optional<String> size) {
        Optional<Command> known = command(command);
        if (known.isEmpty()) {
            return Outcome.refused("bad_command", "command must be put, get or delete");
        }
        String name = filename.startsWith("/") ? filename.substring(1) : filename;
        boolean plain = name.codePoints().noneMatch(c -> c < 0x20 || c >= 0x7f && c < 0xa0);
        boolean dots = ("/" + name + "/").contains("/./") || ("/" + name + "/").contains("/../");
        if (name.isEmpty() || name.length() > LONGEST_NAME || !plain || dots) {
            return Outcome.refused(
                    "bad_filename", "filename must be a path of 1 to " + LONGEST_NAME + " characters without . and ..");
        }
        if (mimeType.isPresent() && !isHeaderText(mimeType.get())) {
            return Outcome.refused("bad_type", "mimeType must be a media type");
        }
        try {
            Optional<Long> bytes = size.filter(text -> !text.isBlank()).map(Long::valueOf);
            return bytes.isPresent() && bytes.get() < 0
                    ? Outcome.refused("bad_size", "size must be a number of bytes")
                    : Outcome.done(new SignedUrlRequest(known.get(), name, mimeType, bytes));
        } catch (NumberFormatException e) {
            return Outcome.refused("bad_size", "size must be a number of bytes");
        }
    }

    private static Optional<Command> command(String text) {
        try {
            return Optional.of(Command.valueOf(text.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isHeaderText(String text) {
        return !text.isEmpty() && text.length() <= LONGEST_TYPE && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    }
}
