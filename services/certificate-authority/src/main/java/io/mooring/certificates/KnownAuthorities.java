package io.mooring.certificates;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.x509.Authority;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.x509.Certificate;

/** The authorities there were at one moment whose certificates had not expired. */
final class KnownAuthorities {
    private final List<Authority> all;
    private final Instant read;
    private final Map<UUID, String> chains = new ConcurrentHashMap<>();

    /**
     * What was read.
     *
     * @param all root first, then for each name the one that begins last first
     * @param read when
     */
    KnownAuthorities(List<Authority> all, Instant read) {
        this.all = List.copyOf(all);
        this.read = read;
    }

    List<Authority> all() {
        return all;
    }

    Instant read() {
        return read;
    }

    /** Who signs under a name: of those that have begun, the one that did so last. */
    Optional<Authority> active(AuthorityName name, Instant now) {
        return valid(name, now).stream()
                .filter(one -> !one.activeFrom().isAfter(now))
                .findFirst();
    }

    /** Who will sign under a name, and does not yet. */
    Optional<Authority> next(AuthorityName name, Instant now) {
        return valid(name, now).stream()
                .filter(one -> one.activeFrom().isAfter(now))
                .findFirst();
    }

    /** All whose word counts under a name. */
    List<Authority> valid(AuthorityName name, Instant now) {
        return all.stream()
                .filter(one -> one.name().equals(name) && one.isValid(now))
                .toList();
    }

    /** When the first name will have nobody left who signs under it, if nobody follows. */
    Optional<Instant> firstEnd(Instant now) {
        Map<AuthorityName, Instant> ends = new HashMap<>();
        all.stream()
                .filter(one -> one.isValid(now))
                .forEach(one -> ends.merge(one.name(), one.validity().notAfter(), (a, b) -> a.isAfter(b) ? a : b));
        return ends.values().stream().min(Comparator.naturalOrder());
    }

    Optional<Authority> find(UUID id) {
        return all.stream().filter(one -> one.id().equals(id)).findFirst();
    }

    /** An authority's certificate and those above it, up to the self-signed one, PEM. */
    String chain(Authority authority) {
        return chains.computeIfAbsent(authority.id(), id -> CertificatesHandler.pem(certificates(authority)));
    }

    private List<Certificate> certificates(Authority authority) {
        List<Certificate> chain = new ArrayList<>();
        Optional<Authority> next = Optional.of(authority);
        while (next.isPresent()) {
            chain.add(next.get().certificate());
            chain.addAll(next.get().above());
            next = next.get().issuer().flatMap(this::find);
        }
        return chain;
    }
}
