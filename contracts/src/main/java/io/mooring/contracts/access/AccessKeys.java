package io.mooring.contracts.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes access keys, and knows them again.
 *
 * <p>A session token is {@code MT1.STATEMENT.MAC}, both base64url. The statement is lines of text: the master key's id,
 * the access key's id, device, cloud, account, scopes, and three times in milliseconds. The MAC and the secret are HMACs
 * of the statement under two keys derived from the master key. So whoever has the master key needs no other memory, and
 * a change of any word changes the secret.
 *
 * <p>Master keys rotate: new access keys come from the first, those of the others are good until they end.
 */
public final class AccessKeys {
    /** How much chance a new key needs, in bytes. */
    public static final int RANDOM_BYTES = 18;

    /** The longest session token there is, in characters. */
    public static final int LONGEST_TOKEN = 1024;

    private static final String ID_PREFIX = "MK";
    private static final String TOKEN_PREFIX = "MT1.";
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final Pattern ID = Pattern.compile("MK[A-Z2-7]{18}");
    private static final int STATEMENT_LINES = 9;

    private final List<Derived> masters = new ArrayList<>();

    /** A master key with what is derived from it. */
    private record Derived(String id, byte[] tokens, byte[] secrets) {}

    /** An access key that was shown. */
    public sealed interface Shown {
        /** It is ours and has not ended. */
        record Valid(AccessKey key) implements Shown {}

        /** It is not. */
        record Refused(AccessRefusal refusal) implements Shown {}
    }

    /**
     * Keys of these masters.
     *
     * @param former those before it, whose keys are still good
     */
    public AccessKeys(MasterKey current, List<MasterKey> former) {
        masters.add(derived(current));
        former.forEach(key -> masters.add(derived(key)));
    }

    private static Derived derived(MasterKey key) {
        return new Derived(key.id(), key.derive("token"), key.derive("secret"));
    }

    /**
     * A new key.
     *
     * @param random {@link #RANDOM_BYTES} bytes that were never used before
     */
    public AccessKey issue(AccessGrant grant, byte[] random) {
        if (random.length != RANDOM_BYTES) {
            throw new IllegalArgumentException("not " + RANDOM_BYTES + " bytes");
        }
        StringBuilder id = new StringBuilder(ID_PREFIX);
        for (byte one : random) {
            id.append(ALPHABET.charAt(one & 31));
        }
        Derived master = masters.get(0);
        byte[] statement = String.join(
                        "\n",
                        master.id(),
                        id,
                        grant.device(),
                        grant.cloud(),
                        grant.account(),
                        grant.scopeText(),
                        Long.toString(grant.since().toEpochMilli()),
                        Long.toString(grant.issued().toEpochMilli()),
                        Long.toString(grant.expires().toEpochMilli()))
                .getBytes(StandardCharsets.US_ASCII);
        String token = TOKEN_PREFIX + base64(statement) + "." + base64(Digests.hmac(master.tokens(), statement));
        return new AccessKey(id.toString(), secret(master, statement), token, grant);
    }

    /** Reads a key that was shown with a request: whether we made it for whom it says, and whether it has ended. */
    public Shown read(String keyId, @Nullable String sessionToken, Instant now) {
        if (!ID.matcher(keyId).matches()) {
            return refused(AccessRefusal.Reason.UNKNOWN_KEY, "this access key is not one of this cloud");
        }
        Optional<Statement> authentic = sessionToken == null ? Optional.empty() : authentic(sessionToken);
        if (authentic.isEmpty() || !Digests.same(authentic.get().keyId(), keyId)) {
            return refused(AccessRefusal.Reason.BAD_TOKEN, "the session token is not that of this access key");
        }
        Statement statement = authentic.get();
        if (!now.isBefore(statement.grant().expires())) {
            return refused(AccessRefusal.Reason.EXPIRED_KEY, "the access key has ended");
        }
        String token = sessionToken == null ? "" : sessionToken;
        return new Shown.Valid(new AccessKey(keyId, statement.secret(), token, statement.grant()));
    }

    private record Statement(String keyId, String secret, AccessGrant grant) {}

    private Optional<Statement> authentic(String token) {
        int dot = token.lastIndexOf('.');
        if (token.length() > LONGEST_TOKEN || !token.startsWith(TOKEN_PREFIX) || dot < TOKEN_PREFIX.length()) {
            return Optional.empty();
        }
        byte[] statement;
        byte[] mac;
        try {
            statement = Base64.getUrlDecoder().decode(token.substring(TOKEN_PREFIX.length(), dot));
            mac = Base64.getUrlDecoder().decode(token.substring(dot + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        String[] lines = new String(statement, StandardCharsets.US_ASCII).split("\n", -1);
        if (lines.length != STATEMENT_LINES) {
            return Optional.empty();
        }
        return masters.stream()
                .filter(master -> master.id().equals(lines[0]))
                .filter(master -> MessageDigest.isEqual(Digests.hmac(master.tokens(), statement), mac))
                .findFirst()
                .map(master -> new Statement(lines[1], secret(master, statement), grant(lines)));
    }

    /** Only of a statement we made: it is well-formed. */
    private static AccessGrant grant(String[] lines) {
        try {
            return new AccessGrant(
                    lines[2],
                    lines[3],
                    lines[4],
                    Set.copyOf(Arrays.asList(lines[5].split(" "))),
                    Instant.ofEpochMilli(Long.parseLong(lines[6])),
                    Instant.ofEpochMilli(Long.parseLong(lines[7])),
                    Instant.ofEpochMilli(Long.parseLong(lines[8])));
        } catch (NumberFormatException | DateTimeException e) {
            throw new IllegalStateException("a session token of ours is not of the form we make", e);
        }
    }

    private static String secret(Derived master, byte[] statement) {
        return base64(Digests.hmac(master.secrets(), statement));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Shown refused(AccessRefusal.Reason reason, String detail) {
        return new Shown.Refused(AccessRefusal.of(reason, detail));
    }
}
