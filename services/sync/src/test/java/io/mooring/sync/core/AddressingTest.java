package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import io.mooring.sync.core.Addressing.Telling;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Devices A1, A2 belong to account a, B1 to account b; N1 to none. */
class AddressingTest {
    private static final CloudSchema CLOUD = Schemas.compiled(
            """
            Mine: {sk: {type: 'string', value: 'mine#${deviceId}#${id}'}, id: {type: 'string'}, n: {type: 'number'}},
            Ours: {sk: {type: 'string', value: 'ours#${accountId}#${id}'}, id: {type: 'string'}, accountId: {type: 'string'}},
            """
                    + "Everyones: {pk: {type: 'string', value: 'e#'}, sk: {type: 'string', value: 'e#${id}'}, id: {type: 'string'}}",
            """
            Mine: {sync: 'both'}, Ours: {sync: 'both'}, Everyones: {sync: 'down'}""");
    private static final Map<String, String> ACCOUNTS = Map.of("A1", "a", "A2", "a", "B1", "b");
    private static final long LSN = 1_000;
    private static final List<String> DEVICES = List.of("A1", "A2", "B1", "N1");

    private static ChangedRow change(String model, String owner, @Nullable String account, HybridTimestamp... writes) {
        TableLayout layout = Objects.requireNonNull(CLOUD.layout(model));
        Map<String, HybridTimestamp> clocks = new HashMap<>();
        for (int i = 0; i < writes.length; i++) {
            clocks.put("f" + i, writes[i]);
        }
        Row row =
                new Row(new RowKey(model, owner, "sk"), account, new RowState<>(RowClock.of(clocks), new TreeMap<>()));
        return new ChangedRow(CLOUD, layout, row, ChangedRow.Kind.MODIFY, 1, LSN, true);
    }

    private static HybridTimestamp by(String writer, long millis) {
        return new HybridTimestamp(millis, 0, writer);
    }

    private static List<String> told(CloudControl control, ChangedRow change) {
        return new Addressing(control, ACCOUNTS::get, Map.of())
                .of(change).stream()
                        .map(telling ->
                                telling.receiver() + (telling.except().isEmpty() ? "" : " but " + telling.except()))
                        .toList();
    }

    private static CloudControl devices(Map<String, DeviceControl> devices) {
        return new CloudControl(1, Map.of(), devices);
    }

    private static DeviceControl table(String model, @Nullable Direction direction, @Nullable RowFilter rows) {
        return new DeviceControl(false, Map.of(model, new TableControl(direction, rows)));
    }

    @Test
    void tellsWhomAKeyNamesWhereNothingIsSet() {
        HybridTimestamp cloud = by("cloud", 1);

        assertThat(told(CloudControl.UNSET, change("Mine", "A1", "a", cloud))).containsExactly("device/A1");
        assertThat(told(CloudControl.UNSET, change("Ours", "a", "a", cloud))).containsExactly("account/a");
        assertThat(told(CloudControl.UNSET, change("Everyones", "", null, cloud)))
                .containsExactly("account/all");
        assertThat(told(CloudControl.UNSET, change("Mine", "no/id", "a", cloud)))
                .isEmpty();
    }

    @Test
    void leavesOutWhoWroteIt() {
        assertThat(told(CloudControl.UNSET, change("Mine", "A1", "a", by("cloud", 1), by("A1", 2))))
                .isEmpty();
        assertThat(told(CloudControl.UNSET, change("Mine", "A1", "a", by("cloud", 2), by("A1", 1))))
                .containsExactly("device/A1");
        assertThat(told(CloudControl.UNSET, change("Ours", "a", "a", by("A1", 2))))
                .containsExactly("account/a but [A1]");
        // A2 may have written last, with the earlier clock.
        assertThat(told(CloudControl.UNSET, change("Ours", "a", "a", by("A1", 2), by("A2", 1))))
                .containsExactly("account/a");
    }

    @Test
    void tellsWhoWroteItBeforeItLastAsked() {
        ChangedRow change = change("Ours", "a", "a", by("A1", 2));

        assertThat(new Addressing(CloudControl.UNSET, ACCOUNTS::get, Map.of("A1", LSN)).of(change))
                .containsExactly(new Telling(new Receiver.Account("a"), Set.of()));
        assertThat(new Addressing(CloudControl.UNSET, ACCOUNTS::get, Map.of("A1", LSN - 1, "A2", LSN)).of(change))
                .containsExactly(new Telling(new Receiver.Account("a"), Set.of("A1")));
    }

    @Test
    void tellsNobodyOfWhatItDoesNotKnowWhoWrote() {
        ChangedRow partial = change("Mine", "A1", "a", by("A1", 2));
        ChangedRow lookedUp = partial.with(partial.row());

        assertThat(told(CloudControl.UNSET, lookedUp)).containsExactly("device/A1");
    }

    @Test
    void leavesOutWhoIsPausedOrSwitchedOff() {
        CloudControl control = devices(
                Map.of("A1", new DeviceControl(true, Map.of()), "B1", table("Everyones", Direction.NONE, null)));

        assertThat(told(control, change("Mine", "A1", "a", by("cloud", 1)))).isEmpty();
        assertThat(told(control, change("Ours", "a", "a", by("cloud", 1)))).containsExactly("account/a but [A1]");
        assertThat(told(control, change("Ours", "b", "b", by("cloud", 1)))).containsExactly("account/b");
        assertThat(told(control, change("Everyones", "", null, by("cloud", 1))))
                .containsExactly("account/all but [A1, B1]");
    }

    @Test
    void addsThoseForWhomMoreIsSet() {
        CloudControl control = devices(Map.of("B1", table("Mine", null, RowFilter.ALL)));

        assertThat(told(control, change("Mine", "A1", "a", by("cloud", 1)))).containsExactly("device/A1", "device/B1");
        assertThat(told(control, change("Mine", "A1", "a", by("A1", 1)))).containsExactly("device/B1");
    }

    @Test
    void tellsAGroupOnceWhereAllOfItIsGivenMore() {
        CloudControl control = new CloudControl(1, Map.of("Mine", new TableControl(null, RowFilter.ACCOUNT)), Map.of());

        assertThat(told(control, change("Mine", "A1", "a", by("A1", 1)))).containsExactly("account/a but [A1]");
        assertThat(told(control, change("Mine", "N1", null, by("cloud", 1)))).containsExactly("device/N1");
    }

    @Test
    void refusesToMixRowsThatWouldBearOneKey() {
        CloudSchema things = Schemas.ofThings();

        assertThat(RowFilter.ALL.unfitFor(
                        Objects.requireNonNull(things.layout("Thing")).model()))
                .hasValueSatisfying(reason -> assertThat(reason).contains("${deviceId}"));
        assertThat(RowFilter.ALL.unfitFor(
                        Objects.requireNonNull(things.layout("Shared")).model()))
                .isEmpty();
        assertThat(RowFilter.OWN.unfitFor(
                        Objects.requireNonNull(things.layout("Shared")).model()))
                .isPresent();
        CloudControl unfit = new CloudControl(1, Map.of("Thing", new TableControl(null, RowFilter.ALL)), Map.of());
        assertThat(unfit.view(Objects.requireNonNull(things.layout("Thing")).model())
                        .rows())
                .isEqualTo(RowFilter.OWN);
    }

    /** Whatever is set: who hears is exactly who should, the writer aside, and nobody twice. */
    @Property(tries = 2000)
    void tellsExactlyThoseWhoShouldHear(
            @ForAll("controls") CloudControl control,
            @ForAll("models") String model,
            @ForAll("owners") String device,
            @ForAll("writers") String writer) {
        String account = ACCOUNTS.get(device);
        TableLayout layout = Objects.requireNonNull(CLOUD.layout(model));
        String owner = switch (layout.scope()) {
            case DEVICE -> device;
            case ACCOUNT -> account == null ? "c" : account;
            case CLOUD -> "";
        };
        ChangedRow change = change(model, owner, account, by(writer, 1));

        Map<String, Integer> heard = new HashMap<>();
        for (Telling telling : new Addressing(control, ACCOUNTS::get, Map.of()).of(change)) {
            for (String hearer : DEVICES) {
                String own = ACCOUNTS.get(hearer);
                boolean addressed = Arrays.asList("device/" + hearer, "account/" + own, "account/all")
                        .contains(telling.receiver().toString());
                if (addressed && !telling.except().contains(hearer)) {
                    heard.merge(hearer, 1, Integer::sum);
                }
            }
        }

        Set<String> should = new HashSet<>();
        for (String hearer : DEVICES) {
            TableView view = control.view(layout.model(), hearer);
            boolean own = layout.scope() == io.mooring.contracts.schema.Scope.DEVICE && owner.equals(hearer);
            String rowsAccount = layout.scope() == io.mooring.contracts.schema.Scope.ACCOUNT ? owner : account;
            boolean covered = switch (view.rows()) {
                case OWN -> own;
                case ACCOUNT -> own || (rowsAccount != null && rowsAccount.equals(ACCOUNTS.get(hearer)));
                case ALL -> true;
            };
            if (covered && view.direction().goesDown() && !control.isPaused(hearer)) {
                should.add(hearer);
            }
        }
        if (layout.scope() != io.mooring.contracts.schema.Scope.DEVICE || writer.equals(owner)) {
            should.remove(writer);
        }
        assertThat(heard.keySet()).isEqualTo(should);
        assertThat(heard.values()).allMatch(times -> times == 1);
        // What catch-ups read is indexed for every one of them.
        Set<RowFilter> filters = control.filters(layout.model());
        assertThat(should.isEmpty() || !filters.isEmpty()).isTrue();
    }

    @Provide
    Arbitrary<String> models() {
        return Arbitraries.of("Mine", "Ours", "Everyones");
    }

    @Provide
    Arbitrary<String> owners() {
        return Arbitraries.of(DEVICES);
    }

    @Provide
    Arbitrary<String> writers() {
        return Arbitraries.of("cloud", "A1", "A2", "B1", "N1");
    }

    @Provide
    Arbitrary<CloudControl> controls() {
        Arbitrary<TableControl> table = Combinators.combine(
                        Arbitraries.of(Direction.class).injectNull(0.4),
                        Arbitraries.of(EnumSet.allOf(RowFilter.class)).injectNull(0.4))
                .as(TableControl::new);
        Arbitrary<Map<String, TableControl>> tables =
                Arbitraries.maps(models(), table).ofMaxSize(3);
        Arbitrary<DeviceControl> device =
                Combinators.combine(Arbitraries.of(true, false, false), tables).as(DeviceControl::new);
        return Combinators.combine(tables, Arbitraries.maps(owners(), device).ofMaxSize(3))
                .as((common, devices) -> new CloudControl(1, common, Collections.unmodifiableMap(devices)));
    }
}
