package io.mooring.provisioning.keys;

import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.Outcome;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.StsClientBuilder;
import software.amazon.awssdk.services.sts.model.Tag;

/**
 * Keys of AWS, for AWS. Both ways send a session policy made for the device. A device that asks again gets the same keys
 * while more than half of their life is left: a fleet that asks every five minutes must not overrun STS. They are kept in
 * memory, the latest 10,000.
 */
final class AwsKeys implements KeyIssuer {
    private static final Logger LOG = Logger.getLogger(AwsKeys.class);
    private static final int MOST_KEPT = 10_000;
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration READ = Duration.ofSeconds(10);

    private final KeysConfig config;
    private final String roleArn;
    private final SessionPolicy policy;
    private final StsClient sts;

    /** Signs tokens for STS; empty if we have credentials of our own. */
    private final Optional<TokenIssuer> tokens;

    private final Map<Holder, Credentials> kept = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Holder, Credentials> eldest) {
            return size() > MOST_KEPT;
        }
    };

    /** Whoever has changed its state is another. */
    private record Holder(String device, String cloud, String account, Instant since) {}

    AwsKeys(KeysConfig config, Optional<TokenIssuer> tokens) {
        this.config = config;
        this.tokens = tokens;
        this.roleArn = config.aws()
                .roleArn()
                .orElseThrow(() -> new IllegalStateException("mooring.provisioning.keys.aws.role-arn is missing"));
        this.policy = SessionPolicy.of(config.aws(), roleArn);
        AwsCredentialsProvider own = tokens.isPresent()
                ? AnonymousCredentialsProvider.create()
                : DefaultCredentialsProvider.builder().build();
        StsClientBuilder builder = StsClient.builder()
                .region(Region.of(config.aws().region()))
                .credentialsProvider(own)
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(READ));
        config.aws().stsEndpoint().map(URI::create).ifPresent(builder::endpointOverride);
        this.sts = builder.build();
    }

    @Override
    public Outcome<Credentials> issue(Device.Provisioned device, Instant now) {
        Holder holder = new Holder(
                device.identity().id(), device.owner().cloud(), device.owner().account(), device.since());
        synchronized (kept) {
            Credentials before = kept.get(holder);
            if (before != null
                    && now.isBefore(before.expires().minus(config.life().dividedBy(2)))) {
                return Outcome.done(before);
            }
        }
        try {
            Credentials fresh = assume(device, now);
            synchronized (kept) {
                kept.put(holder, fresh);
            }
            return Outcome.done(fresh);
        } catch (SdkException refused) {
            // AWS' words name the role and the policy: for the operator, not for the device.
            LOG.warnf("AWS gave no keys for %s: %s", device.identity().id(), refused.getMessage());
            return Outcome.refused("keys_unavailable", "access keys cannot be had now; try again");
        }
    }

    private Credentials assume(Device.Provisioned device, Instant now) {
        String session = device.identity().id();
        int seconds = (int) config.life().toSeconds();
        String text = policy.text(device);
        var credentials = tokens.isPresent()
                ? sts.assumeRoleWithWebIdentity(request -> request.roleArn(roleArn)
                                .roleSessionName(session)
                                .durationSeconds(seconds)
                                .policy(text)
                                .webIdentityToken(tokens.get()
                                        .issue(
                                                device,
                                                config.aws().audience(),
                                                config.aws().sessionTags(),
                                                UUID.randomUUID().toString(),
                                                now)
                                        .token()))
                        .credentials()
                : sts.assumeRole(request -> request.roleArn(roleArn)
                                .roleSessionName(session)
                                .durationSeconds(seconds)
                                .policy(text)
                                .tags(tags(device)))
                        .credentials();
        return new Credentials(
                credentials.accessKeyId(),
                credentials.secretAccessKey(),
                credentials.sessionToken(),
                credentials.expiration(),
                config.aws().region());
    }

    private List<Tag> tags(Device.Provisioned device) {
        return config.aws().sessionTags()
                ? List.of(
                        tag("cloud", device.owner().cloud()),
                        tag("account", device.owner().account()),
                        tag("device", device.identity().id()))
                : List.of();
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    @Override
    public Outcome<URI> sign(Device.Provisioned device, SignedUrlRequest request, Instant now) {
        Optional<String> bucket = config.aws().bucket();
        if (bucket.isEmpty()) {
            return Outcome.refused("not_offered", "this cloud keeps no files");
        }
        String key = SessionPolicy.filled(config.aws().prefix(), device) + request.filename();
        return issue(device, now).then(credentials -> {
            try (S3Presigner presigner = presigner(credentials)) {
                return Outcome.done(
                        presign(presigner, request, bucket.get(), key).toURI());
            } catch (URISyntaxException e) {
                throw new IllegalStateException("AWS' own URLs are URLs", e);
            }
        });
    }

    /** Type and length, if named, are signed: whoever uses the URL must send just these. */
    private URL presign(S3Presigner presigner, SignedUrlRequest request, String bucket, String key) {
        return switch (request.command()) {
            case GET ->
                presigner
                        .presignGetObject(url -> url.signatureDuration(config.urlLife())
                                .getObjectRequest(get -> get.bucket(bucket).key(key)))
                        .url();
            case PUT ->
                presigner
                        .presignPutObject(url -> url.signatureDuration(config.urlLife())
                                .putObjectRequest(put -> put.bucket(bucket)
                                        .key(key)
                                        .contentType(request.mimeType().orElse(null))
                                        .contentLength(request.size().orElse(null))))
                        .url();
            case DELETE ->
                presigner
                        .presignDeleteObject(url -> url.signatureDuration(config.urlLife())
                                .deleteObjectRequest(
                                        delete -> delete.bucket(bucket).key(key)))
                        .url();
        };
    }

    private S3Presigner presigner(Credentials credentials) {
        S3Presigner.Builder builder = S3Presigner.builder()
                .region(Region.of(config.aws().region()))
                .credentialsProvider(StaticCredentialsProvider.create(AwsSessionCredentials.create(
                        credentials.keyId(), credentials.secret(), credentials.sessionToken())));
        config.aws()
                .s3Endpoint()
                .map(URI::create)
                .ifPresent(endpoint -> builder.endpointOverride(endpoint)
                        .serviceConfiguration(S3Configuration.builder()
                                .pathStyleAccessEnabled(true)
                                .build()));
        return builder.build();
    }
}
