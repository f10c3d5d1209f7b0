package io.mooring.certificates.core;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** A name by which clients reach a server, as it stands in the certificate (RFC 5280, section 4.2.1.6). */
public sealed interface ServerName {
    /** A host name, lower case; its leftmost label may be {@code *}. */
    record Dns(String name) implements ServerName {}

    /** An address, as text. */
    record Address(String literal) implements ServerName {}

    /** The name as text. */
    default String text() {
        return switch (this) {
            case Dns(String name) -> name;
            case Address(String literal) -> literal;
        };
    }

    Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    Pattern IPV4 =
            Pattern.compile("(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)){3}");
    Pattern IPV6 = Pattern.compile("[0-9a-f:]*:[0-9a-f:]*");

    /** Reads a host name or the text of an address; empty if it is neither. */
    static Optional<ServerName> parse(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        if (name.isEmpty() || name.length() > 253) {
            return Optional.empty();
        }
        if (IPV4.matcher(name).matches()) {
            return Optional.of(new Address(name));
        }
        if (name.indexOf(':') >= 0) {
            return IPV6.matcher(name).matches() && isIpv6(name) ? Optional.of(new Address(name)) : Optional.empty();
        }
        String host = name.startsWith("*.") ? name.substring(2) : name;
        String[] labels = host.split("\\.", -1);
        for (String label : labels) {
            if (!LABEL.matcher(label).matches()) {
                return Optional.empty();
            }
        }
        boolean looksLikeAddress = labels[labels.length - 1].chars().allMatch(Character::isDigit);
        return looksLikeAddress ? Optional.empty() : Optional.of(new Dns(name));
    }

    private static boolean isIpv6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return false;
        }
        boolean strayColon =
                (text.startsWith(":") && !text.startsWith("::")) || (text.endsWith(":") && !text.endsWith("::"));
        if (strayColon) {
            return false;
        }
        int groups = 0;
        for (String group : text.split(":", -1)) {
            if (group.length() > 4) {
                return false;
            }
            groups += group.isEmpty() ? 0 : 1;
        }
        return gap >= 0 ? groups <= 7 : groups == 8;
    }
}
