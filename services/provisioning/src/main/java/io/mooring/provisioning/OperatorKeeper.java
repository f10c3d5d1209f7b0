package io.mooring.provisioning;

import io.mooring.provisioning.db.OperatorStore;
import io.mooring.provisioning.db.OperatorStore.Operator;
import io.mooring.provisioning.db.Transactions;
import io.mooring.provisioning.secrets.PasswordHash;
import io.mooring.provisioning.secrets.Tokens;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Knows the operators. The first one's password and token come from the configuration, which prevails. */
@ApplicationScoped
class OperatorKeeper {
    private static final Logger LOG = Logger.getLogger(OperatorKeeper.class);
    private static final int MIN_SECRET_LENGTH = 12;
    private static final int MIN_PASSWORD_ROUNDS = 1_000;
    private static final int MAX_HEADER_LENGTH = 512;

    private final ProvisioningConfig.Operator config;
    private final Transactions transactions;
    private final OperatorStore store;
    private volatile List<Operator> operators = List.of();

    /** By operator: the hash of the last password found right, so that it is derived once and not on each call. */
    private final Map<String, String> provenPasswords = new ConcurrentHashMap<>();

    OperatorKeeper(ProvisioningConfig config, Transactions transactions, OperatorStore store) {
        this.config = config.operator();
        this.transactions = transactions;
        this.store = store;
    }

    /** Writes what is configured, hashed, and reads all operators. */
    void start(Instant now) {
        requireStrong("password", config.password());
        requireStrong("token", config.token());
        if (config.passwordRounds() < MIN_PASSWORD_ROUNDS) {
            throw new IllegalStateException(
                    "mooring.provisioning.operator.password-rounds must be " + MIN_PASSWORD_ROUNDS + " or more");
        }
        operators = transactions.call(connection -> {
            List<Operator> known = store.list(connection);
            Operator before = known.stream()
                    .filter(operator -> operator.name().equals(config.name()))
                    .findFirst()
                    .orElse(new Operator(config.name(), Optional.empty(), Optional.empty()));
            Operator after = new Operator(
                    config.name(),
                    config.password()
                            .map(password -> before.passwordHash()
                                    .filter(hash -> PasswordHash.hasRounds(hash, config.passwordRounds()))
                                    .filter(hash -> PasswordHash.matches(password, hash))
                                    .orElseGet(() -> PasswordHash.of(password, config.passwordRounds())))
                            .or(before::passwordHash),
                    config.token().map(Tokens::hash).or(before::tokenHash));
            if (!after.equals(before)) {
                store.save(connection, after, now);
            }
            return store.list(connection);
        });
        if (operators.stream()
                .allMatch(operator -> operator.passwordHash().isEmpty()
                        && operator.tokenHash().isEmpty())) {
            LOG.warn("no operator has a password or a token: the operator API cannot be used");
        }
    }

    private static void requireStrong(String what, Optional<String> secret) {
        if (secret.isPresent() && secret.get().length() < MIN_SECRET_LENGTH) {
            throw new IllegalStateException("mooring.provisioning.operator." + what + " must have " + MIN_SECRET_LENGTH
                    + " characters or more");
        }
    }

    /** The operator's name; empty if the header, Basic or Bearer, proves none. */
    Optional<String> authenticate(String authorization) {
        if (authorization.length() > MAX_HEADER_LENGTH) {
            return Optional.empty();
        }
        int space = authorization.indexOf(' ');
        String scheme = space < 0 ? "" : authorization.substring(0, space);
        String value = authorization.substring(space + 1).strip();
        if (scheme.equalsIgnoreCase("Bearer")) {
            return byToken(value);
        }
        return scheme.equalsIgnoreCase("Basic") ? byPassword(value) : Optional.empty();
    }

    private Optional<String> byToken(String token) {
        String hash = Tokens.hash(token);
        Optional<String> found = Optional.empty();
        for (Operator operator : operators) {
            if (operator.tokenHash().isPresent()
                    && Tokens.same(operator.tokenHash().get(), hash)) {
                found = Optional.of(operator.name());
            }
        }
        return found;
    }

    private Optional<String> byPassword(String credentials) {
        String text;
        try {
            text = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        int colon = text.indexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String name = text.substring(0, colon);
        String password = text.substring(colon + 1);
        return operators.stream()
                .filter(operator -> operator.name().equals(name))
                .filter(operator -> operator.passwordHash()
                        .filter(hash -> isPassword(name, password, hash))
                        .isPresent())
                .map(Operator::name)
                .findFirst();
    }

    private boolean isPassword(String name, String password, String hash) {
        String digest = Tokens.hash(hash + password);
        String proven = provenPasswords.get(name);
        if (proven != null && Tokens.same(proven, digest)) {
            return true;
        }
        boolean matches = PasswordHash.matches(password, hash);
        if (matches) {
            provenPasswords.put(name, digest);
        }
        return matches;
    }
}
