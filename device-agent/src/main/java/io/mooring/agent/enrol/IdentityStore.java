package io.mooring.agent.enrol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.clock.HybridTimestamp;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who the device is, in files: {@code device.json} (its id, for ever), {@code registration.json},
 * {@code membership.json} (certificate and what came with it) and {@code key.pem}. A new key waits in
 * {@code key.next.pem} until its certificate is there; whichever of the two fits the certificate counts.
 *
 * <p>The certificate that is to follow the one in use, the successor, waits in {@code membership.next.json} until it
 * has proved good. Each file changes by one rename, in such an order that at any instant the certificate in use, or
 * the successor that was proved, and its key are there.
 */
public final class IdentityStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String DEVICE = "device.json";
    private static final String REGISTRATION = "registration.json";
    private static final String MEMBERSHIP = "membership.json";
    private static final String SUCCESSOR = "membership.next.json";
    private static final String KEY = "key.pem";
    private static final String NEXT_KEY = "key.next.pem";
    private static final String ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static final int ID_LENGTH = 10;

    private final DataFolder folder;

    /**
     * Who a device is, once and for all.
     *
     * @param id its claim id
     * @param created when it first ran, ISO with milliseconds
     */
    public record Device(String id, String created) {}

    public IdentityStore(DataFolder folder) {
        this.folder = folder;
    }

    /**
     * The device's id; one is made the first time, the given one if there is one.
     *
     * @throws IOException also if the folder is another device's
     */
    public Device device(@Nullable String given, Instant now) throws IOException {
        Optional<ObjectNode> kept = json(DEVICE);
        if (kept.isPresent()) {
            String id = kept.get().path("id").asText();
            if (given != null && !given.equals(id)) {
                throw new IOException("the data folder is that of device " + id + ", not " + given);
            }
            return new Device(id, kept.get().path("created").asText());
        }
        Device device = new Device(given == null ? makeId() : given, HybridTimestamp.formatMillis(now.toEpochMilli()));
        folder.write(
                DEVICE,
                JSON.createObjectNode()
                        .put("id", device.id())
                        .put("created", device.created())
                        .toPrettyString());
        return device;
    }

    private static String makeId() {
        SecureRandom random = new SecureRandom();
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
        }
        return id.toString();
    }

    /** The registration, if the device was claimed. */
    public Optional<Registration> registration() throws IOException {
        return json(REGISTRATION)
                .map(kept -> new Registration(
                        kept.path("api").asText(),
                        kept.path("token").asText(),
                        kept.path("cloud").asText()));
    }

    public void save(Registration registration) throws IOException {
        folder.write(
                REGISTRATION,
                JSON.createObjectNode()
                        .put("api", registration.api())
                        .put("token", registration.token())
                        .put("cloud", registration.cloud())
                        .toPrettyString());
    }

    /** The device was released, or its token is worth nothing any more: it starts anew as the same device. */
    public void forget() throws IOException {
        folder.delete(REGISTRATION);
        forgetMembership();
    }

    /** The certificate is worth nothing any more. */
    public void forgetMembership() throws IOException {
        folder.delete(SUCCESSOR);
        folder.delete(MEMBERSHIP);
        folder.delete(KEY);
        folder.delete(NEXT_KEY);
    }

    /** Makes a new key for the device and keeps it; gives the request to have it certified. */
    public String makeKey(String deviceId) throws IOException, GeneralSecurityException {
        // The key of one that waited is lost now.
        folder.delete(SUCCESSOR);
        DeviceKey key = DeviceKey.make(deviceId);
        folder.write(NEXT_KEY, key.privateKey());
        return key.request();
    }

    /**
     * Keeps what the cloud answered to the request for a certificate.
     *
     * @throws GeneralSecurityException if certificate and key do not go together
     */
    public Membership save(ObjectNode answer) throws IOException, GeneralSecurityException {
        Membership membership = keep(answer, MEMBERSHIP);
        folder.rename(NEXT_KEY, KEY);
        return membership;
    }

    /**
     * Keeps the successor of the certificate in use beside it.
     *
     * @throws GeneralSecurityException if certificate and key do not go together
     */
    public Membership saveSuccessor(ObjectNode answer) throws IOException, GeneralSecurityException {
        return keep(answer, SUCCESSOR);
    }

    private Membership keep(ObjectNode answer, String name) throws IOException, GeneralSecurityException {
        JsonNode key = answer.remove("key");
        if (key != null && key.isTextual()) {
            folder.delete(SUCCESSOR);
            folder.write(NEXT_KEY, key.asText());
        }
        Membership membership = read(answer, folder.read(NEXT_KEY).orElse(""));
        folder.write(name, answer.toPrettyString());
        return membership;
    }

    /** The successor that waits to be proved; what is damaged counts as not there. */
    public Optional<Membership> successor() {
        try {
            Optional<ObjectNode> kept = json(SUCCESSOR);
            Optional<String> key = folder.read(NEXT_KEY);
            return kept.isPresent() && key.isPresent() ? Optional.of(read(kept.get(), key.get())) : Optional.empty();
        } catch (IOException | GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** The successor has proved good: it takes the place of the certificate that was in use. */
    public void promoteSuccessor() throws IOException {
        folder.rename(SUCCESSOR, MEMBERSHIP);
        folder.rename(NEXT_KEY, KEY);
    }

    /** What makes the device a member, if it is one; what is damaged counts as not there. */
    public Optional<Membership> membership() throws IOException {
        Optional<ObjectNode> kept = json(MEMBERSHIP);
        if (kept.isEmpty()) {
            return Optional.empty();
        }
        for (String name : List.of(KEY, NEXT_KEY)) {
            Optional<String> key = folder.read(name);
            if (key.isPresent()) {
                try {
                    Membership membership = read(kept.get(), key.get());
                    if (name.equals(NEXT_KEY)) {
                        // the power failed before this
                        folder.rename(NEXT_KEY, KEY);
                    }
                    return Optional.of(membership);
                } catch (GeneralSecurityException e) {
                    // the other one, then
                    continue;
                }
            }
        }
        return Optional.empty();
    }

    private static Membership read(ObjectNode answer, String keyPem) throws GeneralSecurityException {
        List<X509Certificate> own = Pem.certificates(answer.path("certificate").asText());
        if (own.isEmpty()) {
            throw new GeneralSecurityException("the cloud's answer holds no certificate");
        }
        PrivateKey key = Pem.key(keyPem);
        if (!DeviceKey.fits(key, own.getFirst())) {
            throw new GeneralSecurityException("the certificate is not for this device's key");
        }
        List<X509Certificate> chain = new ArrayList<>(own);
        for (X509Certificate authority :
                Pem.certificates(answer.path("authority").asText())) {
            if (!chain.contains(authority)) {
                chain.add(authority);
            }
        }
        String endpoint = answer.path("endpoint").asText("");
        int port = answer.path("port").asInt(0);
        if (endpoint.isEmpty() || port < 1 || port > 65_535) {
            throw new GeneralSecurityException("the cloud's answer holds no endpoint and port");
        }
        return new Membership(
                answer.path("accountId").asText(),
                endpoint,
                port,
                answer.path("thing").asText(),
                chain,
                key,
                instant(answer.path("expires").asText("")));
    }

    private static @Nullable Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private Optional<ObjectNode> json(String name) throws IOException {
        Optional<String> text = folder.read(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (JSON.readTree(text.get()) instanceof ObjectNode object) {
                return Optional.of(object);
            }
        } catch (JsonProcessingException e) {
            throw new IOException(folder.file(name) + " is damaged: " + e.getOriginalMessage(), e);
        }
        throw new IOException(folder.file(name) + " is damaged: it is not a JSON object");
    }
}
