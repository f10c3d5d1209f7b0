package io.mooring.sync.core;

import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides who hears of a change: the group its table is given to, without those for whom it was set otherwise
 * and without the one who wrote it; and single devices outside that group for whom it was set.
 */
public final class Addressing {
    private final CloudControl control;
    private final Function<String, @Nullable String> accounts;
    private final Map<String, Long> asked;

    /**
     * One telling.
     *
     * @param receiver whom
     * @param except devices that are not to hear it all the same
     */
    public record Telling(Receiver receiver, Set<String> except) {}

    /**
     * @param accounts the account of a device that has something of its own set, or null if it has none; asked
     *     only where it matters
     * @param asked as {@link ChangedRow#echoTo(Map)} has it
     */
    public Addressing(CloudControl control, Function<String, @Nullable String> accounts, Map<String, Long> asked) {
        this.control = control;
        this.accounts = accounts;
        this.asked = asked;
    }

    /** Who hears of a change. */
    public List<Telling> of(ChangedRow change) {
        Model model = change.layout().model();
        TableView common = control.view(model);
        Receiver group = common.direction().goesDown() ? receiver(change, common.rows()) : null;
        String writer = change.echoTo(asked).orElse("");
        Set<String> others = common.rows() == RowFilter.OWN
                ? control.readersOf(model, change.row().key().owner())
                : control.exceptions(model);
        Set<String> except = new TreeSet<>();
        List<Telling> single = new ArrayList<>();
        for (String device : others) {
            boolean reached = reaches(group, device);
            boolean wanted = isFor(change, device);
            if (reached && !wanted) {
                except.add(device);
            } else if (!reached && wanted && !device.equals(writer)) {
                single.add(new Telling(new Receiver.Device(device), Set.of()));
            }
        }
        if (!writer.isEmpty()) {
            except.add(writer);
        }
        List<Telling> tellings = new ArrayList<>();
        if (group instanceof Receiver.Device owner) {
            if (!except.contains(owner.id()) && !control.isPaused(owner.id())) {
                tellings.add(new Telling(group, Set.of()));
            }
        } else if (group != null) {
            tellings.add(new Telling(group, except));
        }
        tellings.addAll(single);
        return tellings;
    }

    private static @Nullable Receiver receiver(ChangedRow change, RowFilter rows) {
        Optional<Receiver> receiver = rows.receiver(
                change.layout().scope(),
                change.row().key().owner(),
                change.row().accountId());
        return receiver.orElse(null);
    }

    private boolean reaches(@Nullable Receiver group, String device) {
        return switch (group) {
            case null -> false;
            case Receiver.Device one -> one.id().equals(device);
            case Receiver.Account account -> account.account().equals(accounts.apply(device));
            case Receiver.Everybody everybody -> true;
        };
    }

    private boolean isFor(ChangedRow change, String device) {
        TableView view = control.view(change.layout().model(), device);
        return !control.isPaused(device) && view.direction().goesDown() && covers(view.rows(), change, device);
    }

    private boolean covers(RowFilter rows, ChangedRow change, String device) {
        String owner = change.row().key().owner();
        boolean own = change.layout().scope() == Scope.DEVICE && owner.equals(device);
        String account =
                change.layout().scope() == Scope.ACCOUNT ? owner : change.row().accountId();
        return switch (rows) {
            case OWN -> own;
            case ACCOUNT -> own || (account != null && account.equals(accounts.apply(device)));
            case ALL -> true;
        };
    }
}
