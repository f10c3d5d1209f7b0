package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A device, in one of the states of its life. It registers, is claimed, gets a certificate; it may be
 * blocked for a while, and is released in the end, from where it may register again.
 */
public sealed interface Device {
    /** Which device it is. */
    Identity identity();

    /** Since when it is in this state. */
    Instant since();

    /** A device that belongs to somebody, and has tokens to show for it. */
    sealed interface Owned extends Device {
        /**
         * The most tokens that are good at one time. Every answer to a registration brings a new one,
         * since only its hash is kept and an answer may be lost; the oldest goes.
         */
        int MAX_TOKENS = 4;

        /** Whose it is. */
        Owner owner();

        /** Hashes of the tokens it may show, the newest first. */
        List<String> tokens();

        /** What it may connect with, the newest first. */
        List<CertificateReference> certificates();

        /** The same, knowing one more token. */
        Owned withToken(String hash);

        /** The device given to another owner: nothing it holds is good any more, and it must ask anew. */
        default Claimed transfer(Owner to, Instant now) {
            return new Claimed(identity(), to, List.of(), now);
        }

        /** The device taken from its owner: nothing it holds is good any more. */
        default Released release(Instant now) {
            return new Released(identity(), owner(), now);
        }
    }

    /** The same device, describing itself anew. */
    Device describedAs(Identity identity);

    /** The device forgotten, as if it had never been. */
    default Deleted delete(Instant now) {
        return new Deleted(identity(), now);
    }

    /** Known, but nobody's yet. */
    record Registered(Identity identity, Instant since) implements Device {
        /** Makes it somebody's. */
        public Claimed claim(Owner owner, Instant now) {
            return new Claimed(identity, owner, List.of(), now);
        }

        @Override
        public Registered describedAs(Identity identity) {
            return new Registered(identity, since);
        }
    }

    /** Somebody's, without a certificate. */
    record Claimed(Identity identity, Owner owner, List<String> tokens, Instant since) implements Owned {
        public Claimed {
            tokens = List.copyOf(tokens);
        }

        /** Gives it its first certificate. Only the token it asked with stays good. */
        public Provisioned provision(CertificateReference certificate, String token, Instant now) {
            return new Provisioned(identity, owner, List.of(token), List.of(certificate), now);
        }

        /** Keeps it from connecting for a while. */
        public Blocked block(int delaySeconds, Instant now) {
            return new Blocked(identity, owner, tokens, List.of(), delaySeconds, now);
        }

        @Override
        public List<CertificateReference> certificates() {
            return List.of();
        }

        @Override
        public Claimed withToken(String hash) {
            return new Claimed(identity, owner, newest(hash, tokens), since);
        }

        @Override
        public Claimed describedAs(Identity identity) {
            return new Claimed(identity, owner, tokens, since);
        }
    }

    /** Somebody's, with a certificate: it may connect. */
    record Provisioned(
            Identity identity, Owner owner, List<String> tokens, List<CertificateReference> certificates, Instant since)
            implements Owned {
        /** The most certificates that are good at one time: the one in use and the one that follows it. */
        public static final int MAX_CERTIFICATES = 2;

        public Provisioned {
            tokens = List.copyOf(tokens);
            certificates = List.copyOf(certificates);
            if (certificates.isEmpty() || certificates.size() > MAX_CERTIFICATES) {
                throw new IllegalArgumentException("a provisioned device has one or two certificates");
            }
        }

        /**
         * Gives it another certificate. The one before stays good, so that a session in use goes on: the one
         * it was seen to have the key of, else the newest.
         *
         * @param token the only one that stays good; empty if it asked by its certificate
         * @param provenWith the fingerprint of the certificate it was seen to have the key of
         */
        public Provisioned provision(
                CertificateReference certificate, Optional<String> token, Optional<String> provenWith) {
            CertificateReference before = certificates.stream()
                    .filter(known ->
                            provenWith.filter(known.fingerprint()::equals).isPresent())
                    .findFirst()
                    .orElse(certificates.getFirst());
            return new Provisioned(
                    identity, owner, token.map(List::of).orElse(tokens), List.of(certificate, before), since);
        }

        /** It was seen to use a certificate: if that is the newest, the one before has had its time. */
        public Provisioned proved(String fingerprint) {
            CertificateReference newest = certificates.getFirst();
            return newest.fingerprint().startsWith(fingerprint)
                    ? new Provisioned(identity, owner, tokens, List.of(newest), since)
                    : this;
        }

        /** Keeps it from connecting for a while. */
        public Blocked block(int delaySeconds, Instant now) {
            return new Blocked(identity, owner, tokens, certificates, delaySeconds, now);
        }

        @Override
        public Provisioned withToken(String hash) {
            return new Provisioned(identity, owner, newest(hash, tokens), certificates, since);
        }

        @Override
        public Provisioned describedAs(Identity identity) {
            return new Provisioned(identity, owner, tokens, certificates, since);
        }
    }

    /**
     * Somebody's, but kept from connecting.
     *
     * @param delaySeconds how long it is told to wait before it asks again
     */
    record Blocked(
            Identity identity,
            Owner owner,
            List<String> tokens,
            List<CertificateReference> certificates,
            int delaySeconds,
            Instant since)
            implements Owned {
        public Blocked {
            tokens = List.copyOf(tokens);
            certificates = List.copyOf(certificates);
        }

        /** The same, told to wait otherwise. */
        public Blocked waiting(int seconds) {
            return new Blocked(identity, owner, tokens, certificates, seconds, since);
        }

        /** Lets it connect again. */
        public Owned unblock(Instant now) {
            return certificates.isEmpty()
                    ? new Claimed(identity, owner, tokens, now)
                    : new Provisioned(identity, owner, tokens, certificates, now);
        }

        @Override
        public Blocked withToken(String hash) {
            return new Blocked(identity, owner, newest(hash, tokens), certificates, delaySeconds, since);
        }

        @Override
        public Blocked describedAs(Identity identity) {
            return new Blocked(identity, owner, tokens, certificates, delaySeconds, since);
        }
    }

    /**
     * Nobody's any more.
     *
     * @param formerOwner whose it was
     */
    record Released(Identity identity, Owner formerOwner, Instant since) implements Device {
        /** It came back: known again, nobody's. */
        public Registered register(Instant now) {
            return new Registered(identity, now);
        }

        @Override
        public Released describedAs(Identity identity) {
            return new Released(identity, formerOwner, since);
        }
    }

    /** Forgotten. */
    record Deleted(Identity identity, Instant since) implements Device {
        @Override
        public Deleted describedAs(Identity identity) {
            return new Deleted(identity, since);
        }
    }

    /** The owner, if it has one now. */
    default Optional<Owner> ownerIfAny() {
        return this instanceof Owned owned ? Optional.of(owned.owner()) : Optional.empty();
    }

    private static List<String> newest(String hash, List<String> others) {
        List<String> all = new ArrayList<>();
        all.add(hash);
        others.stream()
                .filter(other -> !other.equals(hash))
                .limit(Owned.MAX_TOKENS - 1L)
                .forEach(all::add);
        return all;
    }
}
