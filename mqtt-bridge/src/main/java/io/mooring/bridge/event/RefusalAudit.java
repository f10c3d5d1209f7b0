package io.mooring.bridge.event;

import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditCounter;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.EventTypes;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says on the audit topic what was refused to whom. The first few refusals of a device in a minute
 * are said one by one, the rest as a number: whoever tries in a loop must not fill the trail. Records have
 * the form of CloudTrail's.
 */
public final class RefusalAudit {
    /** What was refused. */
    public enum Action {
        CONNECT("Connect"),
        PUBLISH("Publish"),
        SUBSCRIBE("Subscribe");

        private final String text;

        Action(String text) {
            this.text = text;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(RefusalAudit.class);
    private static final int EACH_MINUTE = 10;
    private static final int MAX_DEVICES = 10_000;
    private static final int MAX_DETAIL_LENGTH = 300;

    /** Who tried. */
    private record Party(
            String type,
            String path,
            String name,
            @Nullable String cloud,
            @Nullable String account) {
        static Party device(String name, @Nullable DeviceEntry known) {
            return new Party(
                    "Device",
                    "device/",
                    name,
                    known == null ? null : known.cloud(),
                    known == null ? null : known.account());
        }
    }

    private static final class Tally {
        int told;
        long untold;
    }

    private final RecordSender sender;
    private final String topic;
    private final String node;
    private final Clock clock;
    private final Consumer<String> counter;
    private final EventCodec codec;
    private final AuditCounter numbers;
    private final AtomicLong count = new AtomicLong();
    private final Map<String, Tally> minute = new ConcurrentHashMap<>();

    /**
     * With whom it says it to.
     *
     * @param counter told the code of each refusal
     */
    public RefusalAudit(RecordSender sender, String topic, String node, Clock clock, Consumer<String> counter) {
        this.sender = sender;
        this.topic = topic;
        this.node = node;
        this.clock = clock;
        this.counter = counter;
        this.codec = new EventCodec("/bridges/" + node);
        this.numbers = new AuditCounter("/bridges/" + node, UUID.randomUUID().toString());
    }

    /** How often something was refused since start. */
    public long count() {
        return count.get();
    }

    /**
     * Something was refused.
     *
     * @param name who tried, as far as is known
     * @param device what the registry says of it, if it is known
     * @param code why, for machines
     * @param detail why, for people
     */
    public void refused(Action action, String name, @Nullable DeviceEntry device, String code, String detail) {
        count.incrementAndGet();
        counter.accept(code);
        if (mayTell(name)) {
            LOG.info("refused {} of {}: {} ({})", action.text, printable(name), code, printable(detail));
            tell(action, Party.device(name, device), code, detail, 1);
        }
    }

    /**
     * Something was refused to an application.
     *
     * @param application its id, as far as is known
     * @param cloud whose it is, if it is known
     */
    public void refusedApplication(
            Action action, String application, @Nullable String cloud, String code, String detail) {
        count.incrementAndGet();
        counter.accept(code);
        if (mayTell(application)) {
            LOG.info(
                    "refused {} of application {}: {} ({})",
                    action.text,
                    printable(application),
                    code,
                    printable(detail));
            tell(action, new Party("Application", "application/", application, cloud, null), code, detail, 1);
        }
    }

    /**
     * A certificate was refused in the TLS handshake. Whoever that was can claim any name, as often as they like: the
     * first few in a minute are told for each reason.
     *
     * @param claimed whom the certificate names
     */
    public void refusedHandshake(String claimed, String code, String detail) {
        count.incrementAndGet();
        counter.accept(code);
        if (mayTell(code)) {
            LOG.info("refused a certificate that names {}: {} ({})", printable(claimed), code, printable(detail));
            tell(
                    Action.CONNECT,
                    Party.device(claimed, null),
                    code,
                    "in the TLS handshake, nothing proved: " + detail,
                    1);
        }
    }

    /** Says how much more was refused, and starts a new minute. To be called each minute. */
    public void startMinute() {
        Map<String, Tally> past = Map.copyOf(minute);
        minute.clear();
        past.forEach((name, tally) -> {
            long untold;
            synchronized (tally) {
                untold = tally.untold;
            }
            if (untold > 0) {
                tell(
                        Action.PUBLISH,
                        Party.device(name, null),
                        "more-refused",
                        untold + " more refusals in a minute",
                        untold);
            }
        });
    }

    private boolean mayTell(String name) {
        if (minute.size() >= MAX_DEVICES && !minute.containsKey(name)) {
            return false;
        }
        Tally tally = minute.computeIfAbsent(name, device -> new Tally());
        synchronized (tally) {
            if (tally.told < EACH_MINUTE) {
                tally.told++;
                return true;
            }
            tally.untold++;
            return false;
        }
    }

    private void tell(Action action, Party party, String code, String detail, long times) {
        Instant now = clock.instant();
        Map<String, Object> more = new HashMap<>(Map.of("times", times, "node", node));
        if (party.cloud() != null) {
            more.put("cloud", party.cloud());
        }
        UUID id = UUID.randomUUID();
        AuditRecord record = AuditRecord.refused(
                        action.text,
                        new AuditCaller(
                                party.type(),
                                printable(party.name()),
                                party.account() == null ? "" : party.account(),
                                "",
                                ""),
                        Map.of(),
                        code,
                        printable(detail),
                        now)
                .as(AuditRecord.Kind.SERVICE_EVENT, AuditRecord.Category.DATA)
                .with(more);
        sender.send(
                codec.record(
                        id,
                        topic,
                        "bridge/" + node,
                        EventTypes.AUDIT,
                        party.path() + printable(party.name()),
                        party.cloud(),
                        party.account(),
                        now,
                        record.toCloudTrail(id, "bridge", "", numbers.next())),
                failure -> {});
    }

    /** Names and topics come from strangers: nothing but plain characters goes on. */
    private static String printable(String text) {
        String cut = text.length() > MAX_DETAIL_LENGTH ? text.substring(0, MAX_DETAIL_LENGTH) : text;
        return cut.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
