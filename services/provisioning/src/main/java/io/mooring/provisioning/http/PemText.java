package io.mooring.provisioning.http;

import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text form of binary things (RFC 7468). */
final class PemText {
    private static final Pattern ONE =
            Pattern.compile("\\A\\s*-----BEGIN [A-Z0-9 ]+-----([A-Za-z0-9+/=\\s]+)-----END [A-Z0-9 ]+-----\\s*\\z");
    private static final int LINE = 64;

    private PemText() {}

    /** What stands between the lines of one PEM block: Base64 without white space. Empty if it is not that. */
    static Optional<String> body(String pem) {
        Matcher one = ONE.matcher(pem);
        return one.matches() ? Optional.of(one.group(1).replaceAll("\\s", "")) : Optional.empty();
    }

    /** A block of PEM. */
    static String write(String label, byte[] der) {
        String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }
}
