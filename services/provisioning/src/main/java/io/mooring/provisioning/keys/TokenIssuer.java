package io.mooring.provisioning.keys;

import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.JoseException;

/**
 * Issues short tokens that say which device somebody is (JWT, RFC 7519), for whoever trusts this issuer by OpenID Connect
 * Discovery 1.0; and knows its own again.
 */
final class TokenIssuer {
    /** What AWS takes as session tags (IAM User Guide, "Passing session tags using AssumeRoleWithWebIdentity"). */
    private static final String AWS_TAGS = "https://aws.amazon.com/tags";

    private static final String SINCE = "since";
    private static final String CLOUD = "cloud";
    private static final String ACCOUNT = "account";

    private final SigningKeys keys;
    private final String issuer;
    private final Duration life;

    TokenIssuer(SigningKeys keys, String issuer, Duration life) {
        this.keys = keys;
        this.issuer = issuer;
        this.life = life;
    }

    /**
     * A token of our own that was shown.
     *
     * @param since since when the device had the state it had then
     */
    record Shown(String device, String cloud, String account, Instant since) {
        /** Whether the device is still the one that got it. */
        boolean isOf(Device.Provisioned known) {
            return known.owner().cloud().equals(cloud)
                    && known.owner().account().equals(account)
                    && known.since().toEpochMilli() == since.toEpochMilli();
        }
    }

    /**
     * A token for a device.
     *
     * @param sessionTags whether it names cloud, account and device as AWS reads it
     */
    IssuedToken issue(Device.Provisioned device, String audience, boolean sessionTags, String id, Instant now) {
        Instant expires = now.plus(life);
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(issuer);
        claims.setSubject(device.identity().id());
        claims.setAudience(audience);
        claims.setIssuedAt(date(now));
        claims.setNotBefore(date(now));
        claims.setExpirationTime(date(expires));
        claims.setJwtId(id);
        claims.setStringClaim(CLOUD, device.owner().cloud());
        claims.setStringClaim(ACCOUNT, device.owner().account());
        claims.setClaim(SINCE, device.since().toEpochMilli());
        if (sessionTags) {
            Map<String, List<String>> tags = new LinkedHashMap<>();
            tags.put("cloud", List.of(device.owner().cloud()));
            tags.put("account", List.of(device.owner().account()));
            tags.put("device", List.of(device.identity().id()));
            claims.setClaim(AWS_TAGS, Map.of("principal_tags", tags));
        }
        SigningKey key = keys.signing(now);
        JsonWebSignature signature = new JsonWebSignature();
        signature.setAlgorithmHeaderValue(key.key().getAlgorithm());
        signature.setKeyIdHeaderValue(key.key().getKeyId());
        signature.setHeader("typ", "JWT");
        signature.setPayload(claims.toJson());
        signature.setKey(key.key().getPrivateKey());
        try {
            return new IssuedToken(signature.getCompactSerialization(), expires);
        } catch (JoseException e) {
            throw new IllegalStateException("a key of ours does not sign", e);
        }
    }

    /** Reads a token that was shown to us; refused with {@code unauthorized}. */
    Outcome<Shown> read(String token, String audience, Instant now) {
        try {
            List<JsonWebKey> published = keys.published(now).stream()
                    .<JsonWebKey>map(SigningKey::key)
                    .toList();
            JwtClaims claims = new JwtConsumerBuilder()
                    .setVerificationKeyResolver(new JwksVerificationKeyResolver(published))
                    .setJwsAlgorithmConstraints(
                            AlgorithmConstraints.ConstraintType.PERMIT,
                            KeysConfig.Algorithm.RS256.name(),
                            KeysConfig.Algorithm.ES256.name())
                    .setExpectedIssuer(issuer)
                    .setExpectedAudience(audience)
                    .setRequireExpirationTime()
                    .setRequireSubject()
                    .setEvaluationTime(date(now))
                    .build()
                    .processToClaims(token);
            return Outcome.done(new Shown(
                    claims.getSubject(),
                    Optional.ofNullable(claims.getStringClaimValue(CLOUD)).orElse(""),
                    Optional.ofNullable(claims.getStringClaimValue(ACCOUNT)).orElse(""),
                    since(claims)));
        } catch (InvalidJwtException | MalformedClaimException e) {
            return Outcome.refused("unauthorized", "Authentication failed");
        }
    }

    private static Instant since(JwtClaims claims) throws MalformedClaimException {
        Number millis = claims.getClaimValue(SINCE, Number.class);
        return millis == null ? Instant.EPOCH : Instant.ofEpochMilli(millis.longValue());
    }

    /** The keys by which others verify tokens (RFC 7517, section 5). */
    String keySet(Instant now) {
        JsonWebKeySet set = new JsonWebKeySet();
        keys.published(now).forEach(key -> set.addJsonWebKey(key.key()));
        return set.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    }

    String issuer() {
        return issuer;
    }

    private static NumericDate date(Instant at) {
        return NumericDate.fromMilliseconds(at.toEpochMilli());
    }
}
