package io.mooring.audit;

import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.store.BucketStore;
import io.mooring.audit.store.FolderStore;
import io.mooring.audit.store.ObjectStore;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;

/** Makes the store that the configuration asks for, and the layout of the trail in it. */
final class StoreMaker {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration READ = Duration.ofSeconds(30);

    @Produces
    @Singleton
    TrailLayout layout(AuditConfig config) {
        return new TrailLayout(
                config.account(),
                config.region(),
                config.trail(),
                config.bucket().name(),
                config.bucket().prefix().orElse(""));
    }

    @Produces
    @Singleton
    ObjectStore store(AuditConfig config) {
        Optional<Path> folder = config.folder();
        if (folder.isPresent() == config.bucket().enabled()) {
            throw new IllegalStateException(
                    "either mooring.audit.folder must be given, or mooring.audit.bucket.enabled be true");
        }
        return folder.isPresent()
                ? new FolderStore(folder.get())
                : new BucketStore(
                        client(config.bucket()),
                        config.bucket().name(),
                        config.bucket()
                                .lock()
                                .map(mode -> new BucketStore.Lock(
                                        ObjectLockMode.fromValue(mode.name()),
                                        Duration.ofDays(config.bucket().lockDays()))),
                        Clock.systemUTC());
    }

    private static S3Client client(AuditConfig.Bucket config) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(config.region()))
                .forcePathStyle(config.pathStyle())
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(READ))
                // Compatible endpoints do not know the newer checksums; the trail has its own.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(override -> override.retryStrategy(DefaultRetryStrategy.doNotRetry()));
        config.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }
}
