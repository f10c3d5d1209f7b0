package io.mooring.certificates;

import io.mooring.certificates.CertificatesConfig.Source;
import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.x509.AuthorityChain;
import io.mooring.certificates.x509.KeyFile;
import io.mooring.certificates.x509.Signer;
import io.mooring.certificates.x509.Token;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.bouncycastle.asn1.x509.Certificate;
import org.jspecify.annotations.Nullable;

/**
 * Authorities made elsewhere, as far as they are at hand: in files, which are read each time anew since
 * they come and go, or on a token.
 */
@ApplicationScoped
class ForeignAuthorities {
    private final CertificatesConfig config;
    private final SecureRandom random;
    private @Nullable Token token;

    ForeignAuthorities(CertificatesConfig config, SecureRandom random) {
        this.config = config;
        this.random = random;
    }

    /**
     * What is at hand of an authority.
     *
     * @param chain its certificate and those above it
     * @param signer signs with its key, if that is there
     * @param tokenLabel the label of its key, if that is on the token
     */
    record Found(List<Certificate> chain, Optional<Signer> signer, Optional<String> tokenLabel) {
        Certificate certificate() {
            return chain.getFirst();
        }
    }

    /** Whether an authority is said to come from elsewhere. */
    boolean isConfigured(AuthorityName name) {
        return source(name).isPresent();
    }

    /** The names of all that are said to. */
    List<AuthorityName> configured() {
        List<AuthorityName> names = new ArrayList<>();
        names.add(new AuthorityName.Root());
        names.add(new AuthorityName.Servers());
        config.cloudAuthorities().keySet().forEach(cloud -> names.add(new AuthorityName.Cloud(cloud)));
        return names.stream().filter(this::isConfigured).toList();
    }

    /** Where an authority's key would have to be, for people. */
    String place(AuthorityName name) {
        return source(name)
                .map(source -> source.tokenLabel()
                        .map(label -> "on the token, labelled " + label)
                        .orElseGet(() ->
                                "at " + source.keyFile().map(Path::toString).orElse("(key-file is not set)")))
                .orElse("in the database");
    }

    /**
     * What is at hand; empty if nothing is. Refused if what is there cannot be used: {@code bad_key_file},
     * {@code bad_password}, {@code bad_chain}, {@code no_such_key}, {@code token_away}.
     */
    Outcome<Optional<Found>> find(AuthorityName name, Instant now) {
        Optional<Source> source = source(name);
        if (source.isEmpty()) {
            return Outcome.done(Optional.empty());
        }
        try {
            return source.get().tokenLabel().isPresent()
                    ? onToken(source.get(), source.get().tokenLabel().get(), name, now)
                    : inFiles(source.get(), name, now);
        } catch (IOException unreadable) {
            return Outcome.refused(
                    "bad_key_file", "a file of the authority cannot be read: " + unreadable.getMessage());
        } catch (Signer.UnusableKey | IllegalArgumentException wrong) {
            return Outcome.refused("bad_key_file", String.valueOf(wrong.getMessage()));
        } catch (IllegalStateException away) {
            return Outcome.refused("token_away", String.valueOf(away.getMessage()));
        }
    }

    private Outcome<Optional<Found>> onToken(Source source, String label, AuthorityName name, Instant now)
            throws IOException {
        Token opened = token();
        Outcome<List<Certificate>> chain = source.certificateFile().isPresent()
                ? read(source.certificateFile().get(), Optional.empty()).then(file -> Outcome.done(file.chain()))
                : Outcome.done(opened.chain(label));
        return chain.then(certificates -> AuthorityChain.check(certificates, name, now))
                .then(certificates -> opened.signer(label, certificates.getFirst())
                        .then(signer -> Outcome.done(
                                Optional.of(new Found(certificates, Optional.of(signer), Optional.of(label))))));
    }

    private Outcome<Optional<Found>> inFiles(Source source, AuthorityName name, Instant now) throws IOException {
        Optional<Path> keyFile = source.keyFile().filter(Files::exists);
        Optional<Path> certificateFile = source.certificateFile().filter(Files::exists);
        if (keyFile.isEmpty() && certificateFile.isEmpty()) {
            return Outcome.done(Optional.empty());
        }
        Optional<char[]> password = password(source.passwordFile());
        Outcome<KeyFile.Content> keys = keyFile.isPresent()
                ? read(keyFile.get(), password)
                : Outcome.done(new KeyFile.Content(Optional.empty(), List.of()));
        Outcome<KeyFile.Content> certificates =
                certificateFile.isPresent() ? read(certificateFile.get(), password) : keys;
        return keys.then(key -> certificates
                .then(file -> AuthorityChain.check(file.chain(), name, now))
                .then(chain -> Outcome.done(Optional.of(new Found(
                        chain,
                        key.key()
                                .map(secret ->
                                        Signer.inMemory(secret, chain.getFirst().getSubjectPublicKeyInfo(), random)),
                        Optional.empty())))));
    }

    private static Outcome<KeyFile.Content> read(Path file, Optional<char[]> password) throws IOException {
        if (Files.size(file) > KeyFile.MAX_BYTES) {
            return Outcome.refused("bad_key_file", file + ": it is longer than " + KeyFile.MAX_BYTES + " bytes");
        }
        return switch (KeyFile.read(Files.readAllBytes(file), password)) {
            case Outcome.Done<KeyFile.Content> done -> done;
            case Outcome.Refused<KeyFile.Content>(var refusal) ->
                Outcome.refused(refusal.code(), file + ": " + refusal.detail());
        };
    }

    private static Optional<char[]> password(Optional<Path> file) throws IOException {
        return file.isPresent() && Files.exists(file.get())
                ? Optional.of(Files.readString(file.get(), StandardCharsets.UTF_8)
                        .strip()
                        .toCharArray())
                : Optional.empty();
    }

    /** The token that is configured; opened once, when it is first needed. */
    synchronized Token token() throws IOException {
        Token opened = token;
        if (opened == null) {
            OptionalLong slot = config.pkcs11().slot();
            opened = Token.open(
                    config.pkcs11()
                            .library()
                            .orElseThrow(() -> new IllegalStateException(
                                    "mooring.certificates.pkcs11.library is needed for a key on a token")),
                    slot.isPresent() ? Optional.of(slot.getAsLong()) : Optional.empty(),
                    password(config.pkcs11().pinFile())
                            .orElseThrow(() -> new IllegalStateException(
                                    "mooring.certificates.pkcs11.pin-file is needed for a key on a token")),
                    random);
            token = opened;
        }
        return opened;
    }

    private Optional<Source> source(AuthorityName name) {
        Optional<Source> source = switch (name) {
            case AuthorityName.Root() -> Optional.of(config.root());
            case AuthorityName.Servers() -> Optional.of(config.serverAuthority());
            case AuthorityName.Cloud(String cloud) ->
                Optional.ofNullable(config.cloudAuthorities().get(cloud));
        };
        return source.filter(one -> one.certificateFile().isPresent()
                || one.keyFile().isPresent()
                || one.tokenLabel().isPresent());
    }
}
