package io.mooring.files;

import io.mooring.files.store.BucketStore;
import io.mooring.files.store.FolderStore;
import io.mooring.files.store.ObjectStore;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
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

/** Makes the store that the configuration asks for: a folder or a bucket. */
final class StoreMaker {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration READ = Duration.ofSeconds(60);

    @Produces
    @Singleton
    ObjectStore store(FilesConfig config) throws IOException {
        Optional<Path> folder = config.folder();
        Optional<String> bucket = config.bucket().name();
        if (folder.isPresent() == bucket.isPresent()) {
            throw new IllegalStateException("either mooring.files.folder or mooring.files.bucket.name must be given");
        }
        return folder.isPresent()
                ? new FolderStore(folder.get(), Clock.systemUTC())
                : new BucketStore(
                        client(config.bucket()),
                        bucket.orElseThrow(),
                        config.bucket().prefix().orElse(""),
                        Clock.systemUTC());
    }

    private static S3Client client(FilesConfig.Bucket config) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(config.region()))
                .forcePathStyle(config.pathStyle())
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(READ))
                // Compatible endpoints do not know the newer checksums; bodies are verified here anyway.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(override -> override.retryStrategy(DefaultRetryStrategy.doNotRetry()));
        config.endpoint().map(URI::create).ifPresent(builder::endpointOverride);
        return builder.build();
    }
}
