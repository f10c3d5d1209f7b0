package io.mooring.e2e.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.KeyTemplate;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a change in a device's message means, by docs/sync.md ("The rule") and the device protocol, section 3: written
 * down here a second time, apart from the service, so that the one checks the other.
 *
 * @param name the row
 * @param claimed its clocks as the device gave them
 * @param state what it writes, with the clocks that count
 */
record SentChange(RowName name, RowClock claimed, RowState<JsonNode> state) {
    private static final long MAX_AHEAD_MILLIS = 5 * 60 * 1000;
    private static final Set<String> TOLD = Set.of("clock", "fields");
    private static final Set<String> ENVELOPE = Set.of("_type", "pk", "sk", Model.UPDATED);

    /**
     * Reads a change.
     *
     * @param receivedMillis when the cloud got the message, ms since 1970
     * @param index the change's place in its message
     */
    static SentChange of(Rows rows, String device, String account, long receivedMillis, JsonNode change, int index) {
        ObjectNode item = (ObjectNode) change.path("item");
        String modelName = item.path("_type").asText();
        Model model = rows.model(modelName);
        String sk = item.path("sk").asText(change.path("key").asText());
        ObjectNode values = item.deepCopy();
        values.remove(ENVELOPE);
        values.remove(Model.ACCOUNT_ID);
        // What is told of a row beside its fields comes back from devices that keep all they are told.
        TOLD.stream().filter(name -> !model.fields().containsKey(name)).forEach(values::remove);
        if (model.scope() == Scope.DEVICE) {
            values.remove(model.deviceIdField());
        }
        String command = change.path("cmd").asText();
        HybridTimestamp whole = change.hasNonNull("clock")
                ? HybridTimestamp.parse(change.path("clock").asText())
                : new HybridTimestamp(updatedMillis(item, receivedMillis), 0, device);
        Map<String, HybridTimestamp> texts = new TreeMap<>();
        SortedMap<String, String> keys = keyFields(model, sk, device, account);
        if (command.equals("remove")) {
            texts.put("-", whole);
        } else if (change.path("fields").isObject()) {
            change.path("fields")
                    .properties()
                    .forEach(entry -> texts.put(
                            entry.getKey(),
                            HybridTimestamp.parse(entry.getValue().asText())));
            HybridTimestamp latest =
                    texts.values().stream().max(HybridTimestamp::compareTo).orElse(whole);
            if (!texts.containsKey("*")) {
                keys.keySet().forEach(key -> texts.putIfAbsent(key, latest));
            }
        } else if (command.equals("create")) {
            texts.put("*", whole);
        } else {
            values.fieldNames().forEachRemaining(field -> texts.put(field, whole));
            keys.keySet().forEach(key -> texts.putIfAbsent(key, whole));
        }
        keys.forEach((field, value) -> {
            if (!values.hasNonNull(field)) {
                values.put(field, value);
            }
        });
        RowClock claimed = clock(texts);
        return new SentChange(
                new RowName(modelName, rows.owner(modelName, device, account), sk),
                claimed,
                rows.state(
                        modelName,
                        bounded(claimed, new HybridTimestamp(receivedMillis, index, device)),
                        command.equals("remove") ? null : values));
    }

    private static RowClock clock(Map<String, HybridTimestamp> at) {
        Map<String, String> texts = new HashMap<>();
        at.forEach((field, clock) -> texts.put(field, clock.toString()));
        return RowClock.parse(texts);
    }

    /**
     * "A device's clock more than 5 minutes ahead of its message's arrival counts as the time of arrival, or just after the
     * latest clock of the same change that is not, if that is later; a removal as a millisecond before what follows it."
     */
    private static RowClock bounded(RowClock claimed, HybridTimestamp arrival) {
        HybridTimestamp instead = arrival;
        for (String text : claimed.texts().values()) {
            HybridTimestamp at = HybridTimestamp.parse(text);
            if (isBelieved(at, arrival) && at.compareTo(instead) >= 0) {
                instead = at.next(arrival.writer());
            }
        }
        Map<String, HybridTimestamp> bounded = new TreeMap<>();
        for (var entry : claimed.texts().entrySet()) {
            HybridTimestamp at = HybridTimestamp.parse(entry.getValue());
            boolean before = entry.getKey().equals("-") && claimed.isLive();
            HybridTimestamp counts =
                    before ? new HybridTimestamp(instead.millis() - 1, instead.counter(), instead.writer()) : instead;
            bounded.put(entry.getKey(), isBelieved(at, arrival) ? at : counts);
        }
        return clock(bounded);
    }

    private static boolean isBelieved(HybridTimestamp at, HybridTimestamp arrival) {
        return at.millis() - arrival.millis() <= MAX_AHEAD_MILLIS;
    }

    private static long updatedMillis(ObjectNode item, long receivedMillis) {
        String updated = item.path(Model.UPDATED).asText("");
        return updated.isEmpty()
                ? receivedMillis
                : OffsetDateTime.parse(updated).toInstant().toEpochMilli();
    }

    /** The fields a key was made of, read back from it. */
    private static SortedMap<String, String> keyFields(Model model, String sk, String device, String account) {
        StringBuilder pattern = new StringBuilder();
        SortedMap<String, String> groups = new TreeMap<>();
        for (KeyTemplate.Part part : model.sk().parts()) {
            switch (part) {
                case KeyTemplate.Text text -> pattern.append(Pattern.quote(text.text()));
                case KeyTemplate.Variable variable -> {
                    Optional<String> owner = ownerValue(model, variable.field(), device, account);
                    if (owner.isPresent()) {
                        pattern.append(Pattern.quote(owner.get()));
                    } else {
                        groups.put(variable.field(), "g" + groups.size());
                        pattern.append("(?<")
                                .append(groups.get(variable.field()))
                                .append(">.*)");
                    }
                }
            }
        }
        Matcher matcher = Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(sk);
        if (!matcher.matches()) {
            return new TreeMap<>();
        }
        groups.replaceAll((field, group) -> matcher.group(group));
        return groups;
    }

    private static Optional<String> ownerValue(Model model, String field, String device, @Nullable String account) {
        if (model.scope() == Scope.DEVICE && field.equals(model.deviceIdField())) {
            return Optional.of(device);
        }
        return model.scope() != Scope.CLOUD && field.equals(Model.ACCOUNT_ID)
                ? Optional.ofNullable(account)
                : Optional.empty();
    }
}
