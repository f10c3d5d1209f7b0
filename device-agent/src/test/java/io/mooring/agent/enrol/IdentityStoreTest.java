package io.mooring.agent.enrol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whenever the power fails, there is a certificate and its key. */
class IdentityStoreTest {
    private static final String DEVICE = "ABCDEF1234";

    @TempDir
    Path folder;

    /** Certifies whatever is asked; by whom does not matter here. */
    private ObjectNode answer(String request, int serial) throws Exception {
        PublicKey key = new JcaPKCS10CertificationRequest(Pem.first("CERTIFICATE REQUEST", request)).getPublicKey();
        Instant now = Instant.now();
        PrivateKey signer = Pem.key(DeviceKey.make("issuer").privateKey());
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                new X500Principal("CN=issuer"),
                                BigInteger.valueOf(serial),
                                Date.from(now),
                                Date.from(now.plus(Duration.ofDays(300))),
                                new X500Principal("CN=" + DEVICE),
                                key)
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
        return JsonMapper.builder()
                .build()
                .createObjectNode()
                .put("accountId", "main")
                .put("endpoint", "localhost")
                .put("port", 8883)
                .put("certificate", Pem.encode("CERTIFICATE", certificate.getEncoded()));
    }

    /** Copies the folder as it is now: what a power cut would leave. */
    private Path cut(int number) throws IOException {
        Path copy = Files.createDirectories(folder.resolve("cut" + number));
        try (Stream<Path> files = Files.list(folder.resolve("device"))) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static int serial(Membership membership) {
        return membership.certificate().getFirst().getSerialNumber().intValue();
    }

    @Test
    void hasACertificateAndItsKeyAtEveryInstantOfARenewal() throws Exception {
        List<Path> cuts = new ArrayList<>();
        DataFolder device = DataFolder.open(folder.resolve("device"));
        IdentityStore store = new IdentityStore(device);
        store.save(answer(store.makeKey(DEVICE), 1));
        cuts.add(cut(0));
        String request = store.makeKey(DEVICE);
        cuts.add(cut(1));
        store.saveSuccessor(answer(request, 2));
        cuts.add(cut(2));
        // The first half of promoting it.
        device.rename("membership.next.json", "membership.json");
        cuts.add(cut(3));
        device.rename("key.next.pem", "key.pem");
        cuts.add(cut(4));
        device.close();

        List<Integer> inUse = new ArrayList<>();
        for (Path left : cuts) {
            try (DataFolder again = DataFolder.open(left)) {
                IdentityStore after = new IdentityStore(again);
                inUse.add(serial(after.membership().orElseThrow()));
                // Asking for a new key takes nothing away from the certificate in use.
                after.makeKey(DEVICE);
                assertThat(serial(after.membership().orElseThrow())).isEqualTo(inUse.getLast());
                assertThat(after.successor()).isEmpty();
            }
        }
        assertThat(inUse).containsExactly(1, 1, 1, 2, 2);
    }

    @Test
    void keepsTheSuccessorBesideTheOneInUseUntilItIsProved() throws Exception {
        try (DataFolder device = DataFolder.open(folder.resolve("device"))) {
            IdentityStore store = new IdentityStore(device);
            store.save(answer(store.makeKey(DEVICE), 1));
            store.saveSuccessor(answer(store.makeKey(DEVICE), 2));

            assertThat(serial(store.membership().orElseThrow())).isEqualTo(1);
            assertThat(serial(store.successor().orElseThrow())).isEqualTo(2);

            store.promoteSuccessor();
            assertThat(serial(store.membership().orElseThrow())).isEqualTo(2);
            assertThat(store.successor()).isEmpty();
        }
    }

    @Test
    void takesADamagedSuccessorAsNone() throws Exception {
        try (DataFolder device = DataFolder.open(folder.resolve("device"))) {
            IdentityStore store = new IdentityStore(device);
            store.save(answer(store.makeKey(DEVICE), 1));
            store.saveSuccessor(answer(store.makeKey(DEVICE), 2));
            device.write("membership.next.json", "{\"certificate\":");

            assertThat(store.successor()).isEmpty();
            assertThat(serial(store.membership().orElseThrow())).isEqualTo(1);
        }
    }

    @Test
    void provesThatItHasTheOldKeyByASignatureOverTheNewRequest() throws Exception {
        try (DataFolder device = DataFolder.open(folder.resolve("device"))) {
            IdentityStore store = new IdentityStore(device);
            Membership old = store.save(answer(store.makeKey(DEVICE), 1));
            String request = store.makeKey(DEVICE);

            RenewalProof proof = RenewalProof.of(old, request);

            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initVerify(old.certificate().getFirst());
            signature.update(Pem.first("CERTIFICATE REQUEST", request));
            assertThat(signature.verify(Base64.getDecoder().decode(proof.signature())))
                    .isTrue();
            assertThat(proof.fingerprint()).matches("[0-9a-f]{64}");
        }
    }

    @Test
    void spreadsRenewalsOverAQuarterOfWhatIsLeft() throws Exception {
        try (DataFolder device = DataFolder.open(folder.resolve("device"))) {
            IdentityStore store = new IdentityStore(device);
            List<X509Certificate> certificates = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                certificates.add(store.save(answer(store.makeKey(DEVICE), i))
                        .certificate()
                        .getFirst());
            }
            Set<Long> days = certificates.stream()
                    .map(certificate -> Duration.between(
                                    certificate.getNotBefore().toInstant(), RenewalTime.of(certificate, 2.0 / 3))
                            .toDays())
                    .collect(Collectors.toSet());

            assertThat(days).allSatisfy(day -> assertThat(day).isBetween(200L, 225L));
            assertThat(days).hasSizeGreaterThan(10);
        }
    }
}
