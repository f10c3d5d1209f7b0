package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.sync.StreamPosition;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CatchUpPlanTest {
    private static final CloudSchema CLOUD = Schemas.ofThings();
    private static final StreamPosition HERE = new StreamPosition(1, 10);

    private static CatchUpPlan plan(
            CloudControl control, @Nullable StreamPosition since, Map<String, StreamPosition> anew) {
        return CatchUpPlan.of(CLOUD, control, "DEV1", "acct", since, anew);
    }

    private static CatchUpPlan.Changes changes(CatchUpPlan plan, String receiver) {
        return plan.stages().stream()
                .filter(CatchUpPlan.Changes.class::isInstance)
                .map(CatchUpPlan.Changes.class::cast)
                .filter(stage -> stage.receiver().equals(receiver))
                .findFirst()
                .orElse(new CatchUpPlan.Changes(receiver, 0, new TreeSet<>()));
    }

    private static Set<String> whole(CatchUpPlan plan) {
        Set<String> models = new TreeSet<>();
        plan.stages().forEach(stage -> {
            if (stage instanceof CatchUpPlan.Rows rows) {
                models.add(rows.model());
            }
        });
        return models;
    }

    @Test
    void readsAllOfEveryTableForADeviceThatStandsNowhere() {
        CatchUpPlan plan = plan(CloudControl.UNSET, null, Map.of());

        assertThat(whole(plan)).contains("Thing", "Told", "Shared", "Command").doesNotContain("Log", "Store");
        assertThat(plan.stages()).noneMatch(CatchUpPlan.Changes.class::isInstance);
        assertThat(plan.stages()).contains(new CatchUpPlan.Graves("Thing", RowFilter.OWN));
    }

    @Test
    void readsChangesForADeviceThatStandsSomewhere() {
        CatchUpPlan plan = plan(CloudControl.UNSET, HERE, Map.of());

        assertThat(whole(plan)).isEmpty();
        assertThat(changes(plan, "device/DEV1").models()).contains("Thing", "Told");
        assertThat(changes(plan, "device/DEV1").since()).isEqualTo(10);
        assertThat(changes(plan, "account/acct").models()).containsExactly("Shared");
    }

    @Test
    void readsATableAnewThatWasGivenSince() {
        CatchUpPlan before = plan(CloudControl.UNSET, HERE, Map.of("Thing", new StreamPosition(1, 11)));
        CatchUpPlan after = plan(CloudControl.UNSET, HERE, Map.of("Thing", HERE));

        assertThat(whole(before)).containsExactly("Thing");
        assertThat(changes(before, "device/DEV1").models()).contains("Told").doesNotContain("Thing");
        assertThat(whole(after)).isEmpty();
        assertThat(before.fingerprint()).isNotEqualTo(after.fingerprint());
    }

    @Test
    void goesByWhatIsSet() {
        CloudControl control = new CloudControl(
                1,
                Map.of("Thing", new TableControl(Direction.UP, null)),
                Map.of("DEV1", new DeviceControl(false, Map.of("Shared", new TableControl(null, RowFilter.ALL)))));

        CatchUpPlan plan = plan(control, HERE, Map.of());

        assertThat(changes(plan, "device/DEV1").models()).doesNotContain("Thing");
        assertThat(changes(plan, "account/all").models()).containsExactly("Shared");
    }

    @Test
    void givesADeviceWithoutAnAccountNoAccountsRows() {
        CatchUpPlan plan = CatchUpPlan.of(CLOUD, CloudControl.UNSET, "DEV1", null, null, Map.of());

        assertThat(whole(plan)).contains("Thing").doesNotContain("Shared");
    }

    @Test
    void writesItsCursorAsText() {
        CatchUpCursor cursor = new CatchUpCursor(3, "DEV1", "sensor#|x");

        assertThat(CatchUpCursor.parse(cursor.toString())).isEqualTo(cursor);
        assertThat(CatchUpCursor.parse(CatchUpCursor.START.toString())).isEqualTo(CatchUpCursor.START);
    }
}
