package io.mooring.e2e.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.schema.Model;
import java.util.List;
import java.util.Map;

/** Whether what a device is told is its business. */
final class Ownership {
    private static final List<String> MARKED = List.of("text", "note");

    private final Rows rows;

    Ownership(Rows rows) {
        this.rows = rows;
    }

    /** A row was addressed to a receiver, in Kafka. Says what is wrong, empty text if nothing. */
    String addressed(String receiver, JsonNode row, Map<String, String> accounts) {
        String[] parts = receiver.split("/", 2);
        boolean device = parts[0].equals("device");
        if (device && !accounts.containsKey(parts[1])) {
            return "";
        }
        if (!device) {
            Model model = rows.model(Judge.text(row, "_type"));
            boolean right = switch (model.scope()) {
                case DEVICE -> false;
                case ACCOUNT ->
                    !parts[1].equals("all") && belongs(row, Model.ACCOUNT_ID, parts[1]) && isMarked(row, parts[1]);
                case CLOUD -> parts[1].equals("all") && isMarked(row, "");
            };
            return right ? "" : receiver + " was sent what is not its business: " + row;
        }
        return concerns(row, parts[1], accounts.getOrDefault(parts[1], ""))
                ? ""
                : receiver + " was sent what is not its business: " + row;
    }

    /** A device got a message. */
    String told(JsonNode line, Map<String, String> accounts) {
        String device = Judge.text(line, "device");
        String account = accounts.getOrDefault(device, "");
        String topic = Judge.text(line, "topic");
        boolean its = topic.startsWith("ioto/device/" + device + "/")
                || topic.startsWith("ioto/account/all/")
                || topic.startsWith("ioto/account/" + account + "/");
        boolean right = its && (!line.has("row") || concerns(line.path("row"), device, account));
        return right ? "" : "device " + device + " was told what is not its business: " + line;
    }

    private boolean concerns(JsonNode row, String device, String account) {
        Model model = rows.model(Judge.text(row, "_type"));
        return switch (model.scope()) {
            case DEVICE -> belongs(row, model.deviceIdField(), device) && isMarked(row, device);
            case ACCOUNT -> belongs(row, Model.ACCOUNT_ID, account) && isMarked(row, account);
            case CLOUD -> isMarked(row, "");
        };
    }

    private static boolean belongs(JsonNode row, String field, String owner) {
        return Judge.text(row, field).equals(owner);
    }

    /** A device has a row. */
    String heard(JsonNode line, Map<String, String> accounts) {
        String device = Judge.text(line, "device");
        String owner = rows.owner(Judge.text(line, "model"), device, accounts.getOrDefault(device, ""));
        return isMarked(line.path("values"), owner)
                ? ""
                : "device " + device + " took in what is not its business: " + line;
    }

    /** Texts say whose row they were written into. */
    private static boolean isMarked(JsonNode values, String owner) {
        for (String field : MARKED) {
            String text = Judge.text(values, field);
            if (!text.isEmpty() && !text.startsWith("[" + owner + "] ")) {
                return false;
            }
        }
        return true;
    }
}
