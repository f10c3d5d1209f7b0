package io.mooring.certificates;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.AuthorityRules;
import io.mooring.certificates.core.IssuanceDecider;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Refusal;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.x509.Authority;
import io.mooring.certificates.x509.Der;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.bouncycastle.asn1.x509.Certificate;
import org.jboss.logging.Logger;

/** Starts, shows, rotates and revokes authorities. */
@ApplicationScoped
public class AuthorityHandler {
    private static final Logger LOG = Logger.getLogger(AuthorityHandler.class);

    private final CertificatesConfig config;
    private final AuthorityKeeper authorities;
    private final ForeignAuthorities foreign;
    private final CrlHandler lists;
    private final AuthorityRules rules;
    private final Journal journal;
    private final Clock clock;
    /** Those whose rotation failed: said once, and audited once. */
    private final Set<AuthorityName> overdue = new HashSet<>();

    AuthorityHandler(
            CertificatesConfig config,
            AuthorityKeeper authorities,
            ForeignAuthorities foreign,
            CrlHandler lists,
            AuthorityRules rules,
            Journal journal,
            Clock clock) {
        this.config = config;
        this.authorities = authorities;
        this.foreign = foreign;
        this.lists = lists;
        this.rules = rules;
        this.journal = journal;
        this.clock = clock;
    }

    /**
     * Makes or takes over what the configuration names.
     *
     * @throws IllegalStateException with a sentence for people, if something needed is missing
     */
    void start() {
        for (String cloud : config.clouds()) {
            if (!IssuanceDecider.isCloud(cloud)) {
                throw new IllegalStateException("mooring.certificates.clouds: not the name of a cloud: " + cloud);
            }
        }
        for (AuthorityName name : foreign.configured()) {
            require(name, authorities.takeOver(name));
        }
        require(new AuthorityName.Servers(), authorities.active(new AuthorityName.Servers()));
        for (String cloud : config.clouds()) {
            AuthorityName name = new AuthorityName.Cloud(cloud);
            require(name, authorities.active(name));
        }
        if (config.publicUrl().isEmpty()) {
            LOG.warn("mooring.certificates.public-url is not set: certificates point to no CRL and no OCSP responder");
        }
    }

    private static void require(AuthorityName name, Outcome<?> outcome) {
        if (outcome instanceof Outcome.Refused<?>(Refusal refusal)) {
            throw new IllegalStateException("the authority " + name.kind() + " " + name.cloudOrEmpty()
                    + " cannot be had: " + refusal.detail() + " (" + refusal.code() + ")");
        }
    }

    /**
     * The authority that signs a cloud's devices, made if there is none: brokers can trust it before the first
     * device comes. Refused with {@code forbidden}, {@code bad_cloud} or {@code root_away}.
     */
    public Outcome<Authority> open(Caller caller, String cloud) {
        AuthorityName name = new AuthorityName.Cloud(cloud);
        Outcome<Authority> outcome = mayRule(caller, name)
                ? IssuanceDecider.isCloud(cloud)
                        ? authorities.active(name)
                        : Outcome.refused(
                                "bad_cloud", "a cloud's name is a lower-case letter and up to 40 of a-z 0-9 _")
                : forbidden();
        return journal.counted("OpenCloud", caller, Map.of("cloud", name.cloudOrEmpty()), outcome);
    }

    /** Lets an authority be followed by another; refused as {@link AuthorityKeeper#rotate} refuses, or {@code forbidden}. */
    public Outcome<Authority> rotate(Caller caller, AuthorityName name, Optional<Duration> delay) {
        if (!mayRule(caller, name)) {
            return journal.counted("RotateAuthority", caller, Map.of("kind", name.kind()), forbidden());
        }
        Outcome<Authority> outcome = authorities.rotate(caller, name, delay.orElse(rules.activationDelay()));
        // While the root's key may be there: its list may not be renewable for long.
        lists.renewRoots();
        return outcome;
    }

    /**
     * Revokes an issuing authority, and puts another in its place if it was the one that signs. Refused
     * with {@code forbidden}, {@code unknown_authority}, {@code root_away}.
     */
    public Outcome<Authority> revoke(Caller caller, UUID id, RevocationReason reason) {
        Map<String, String> asked = Map.of("authority", id.toString(), "reason", reason.text());
        Optional<Authority> found =
                authorities.refresh().find(id).filter(one -> one.issuer().isPresent());
        if (found.isEmpty()) {
            Outcome<Authority> unknown =
                    Outcome.refused("unknown_authority", "no issuing authority signed here has this id");
            return journal.counted("RevokeAuthority", caller, asked, unknown);
        }
        Authority authority = found.get();
        if (!mayRule(caller, authority.name())) {
            return journal.counted("RevokeAuthority", caller, asked, forbidden());
        }
        Outcome<Authority> root = authority
                .issuer()
                .flatMap(authorities.known()::find)
                .map(authorities::withKey)
                .orElseGet(() -> Outcome.refused("root_away", "the root that signed it has expired"));
        if (root instanceof Outcome.Refused<Authority>) {
            return journal.counted("RevokeAuthority", caller, asked, root);
        }
        authorities.revoke(caller, authority, reason);
        lists.renewRoots();
        return authorities.active(authority.name());
    }

    /** Has every authority followed that has lived long enough. */
    void rotateDue() {
        Instant now = clock.instant();
        Set<AuthorityName> names = new LinkedHashSet<>();
        authorities.known().all().forEach(one -> names.add(one.name()));
        names.remove(new AuthorityName.Root());
        for (AuthorityName name : names) {
            Optional<Authority> active = authorities.known().active(name, now);
            boolean due = active.isPresent()
                    && rules.isDue(active.get().validity(), now)
                    && authorities.known().next(name, now).isEmpty();
            if (due && !overdue.contains(name)) {
                Outcome<Authority> outcome = authorities.rotate(Caller.OURSELVES, name, rules.activationDelay());
                if (outcome instanceof Outcome.Refused<Authority>(Refusal refusal)) {
                    overdue.add(name);
                    LOG.errorf(
                            "the authority %s %s ends %s and cannot be followed: %s",
                            name.kind(),
                            name.cloudOrEmpty(),
                            active.get().validity().notAfter(),
                            refusal.detail());
                }
            }
        }
    }

    /** Lets what failed be tried, and said, again. */
    void forgetFailures() {
        overdue.clear();
    }

    /** The chain of a cloud's issuing authority, PEM; refused with {@code unknown_cloud}. */
    public Outcome<String> cloudAuthority(String cloud) {
        KnownAuthorities known = authorities.known();
        return known.active(new AuthorityName.Cloud(cloud), clock.instant())
                .map(issuer -> Outcome.done(known.chain(issuer)))
                .orElseGet(() -> Outcome.refused("unknown_cloud", "no device of this cloud has a certificate yet"));
    }

    /** Roots and all issuing authorities that are valid, PEM; those that will sign soon, too. */
    public String trustBundle() {
        Instant now = clock.instant();
        List<Certificate> bundle = new ArrayList<>();
        for (Authority authority : authorities.refresh().all()) {
            if (authority.isValid(now)) {
                bundle.add(authority.certificate());
                authority.above().stream().filter(one -> !bundle.contains(one)).forEach(bundle::add);
            }
        }
        return CertificatesHandler.pem(bundle);
    }

    /** All authorities whose certificates have not expired. */
    public List<Authority> all() {
        return authorities.refresh().all();
    }

    /** Whether an authority is the one that signs under its name now. */
    public boolean isActive(Authority authority) {
        return authorities
                .known()
                .active(authority.name(), clock.instant())
                .filter(active -> active.id().equals(authority.id()))
                .isPresent();
    }

    /** An authority's own certificate, DER. */
    public Optional<byte[]> certificate(UUID id) {
        return authorities.known().find(id).map(one -> Der.encode(one.certificate()));
    }

    private boolean mayRule(Caller caller, AuthorityName name) {
        Set<String> issuers = switch (name) {
            case AuthorityName.Cloud cloud -> config.deviceIssuers();
            case AuthorityName.Servers servers -> config.serverIssuers();
            case AuthorityName.Root root -> Set.of();
        };
        return issuers.contains(caller.client()) || config.operators().contains(caller.client());
    }

    private static Outcome<Authority> forbidden() {
        return Outcome.refused("forbidden", "this client may not change this authority");
    }
}
