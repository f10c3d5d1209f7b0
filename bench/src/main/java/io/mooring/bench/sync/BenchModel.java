package io.mooring.bench.sync;

import io.mooring.contracts.clock.HybridTimestamp;
import java.util.ArrayList;
import java.util.List;

/**
 * The model whose rows are measured: eight fields of the usual types, synchronised both ways. A row's values follow from
 * its number and the round, so that whoever reads one can tell when it was written.
 */
final class BenchModel {
    /** Puts the model into the cloud's schema. */
    static final String SCHEMA = """
            {
                format: 'onetable:1.1.0',
                models: {
                    Reading: {
                        pk:        {type: 'string', value: 'reading#${deviceId}'},
                        sk:        {type: 'string', value: 'reading#${id}'},
                        id:        {type: 'string', required: true},
                        deviceId:  {type: 'string'},
                        accountId: {type: 'string'},
                        round:     {type: 'number'},
                        place:     {type: 'string'},
                        celsius:   {type: 'number'},
                        humidity:  {type: 'number'},
                        alarm:     {type: 'boolean'},
                        unit:      {type: 'string'},
                        note:      {type: 'string'},
                        updated:   {type: 'date'},
                    },
                },
                process: {Reading: {enable: 'both', sync: 'both'}},
                params: {isoDates: true, nulls: false, timestamps: 'update', typeField: '_type'},
            }
            """;

    /** The table it becomes. */
    static final String TABLE = "cloud_main.reading";

    private static final String[] FIELDS = {"id", "round", "place", "celsius", "humidity", "alarm", "unit", "note"};

    private BenchModel() {}

    /**
     * A row.
     *
     * @param device whose
     * @param number which of the device's
     * @param round what distinguishes its values from those of before
     * @param millis when it was written, ms since 1970
     */
    record Reading(String device, int number, long round, long millis) {
        String id() {
            return String.valueOf(100_000 + number);
        }

        String sk() {
            return "reading#" + id();
        }

        String clock() {
            return new HybridTimestamp(millis, 0, device).toString();
        }

        String updated() {
            return new HybridTimestamp(millis, 0, device).isoMillis();
        }

        List<Object> values() {
            List<Object> values = new ArrayList<>();
            values.add(id());
            values.add(round);
            values.add("hall " + number % 12);
            values.add((2000 + (number + round) % 500) / 100.0);
            values.add((double) (30 + (number * 7L + round) % 40));
            values.add((number + round) % 9 == 0);
            values.add("C");
            values.add("as measured in round " + round);
            return values;
        }

        /** As a device of ours sends it: every field with its clock. */
        void appendChange(StringBuilder json) {
            json.append("{\"cmd\":\"upsert\",\"key\":\"")
                    .append(sk())
                    .append("\",\"item\":{\"_type\":\"Reading\",\"sk\":\"");
            json.append(sk()).append("\",\"updated\":\"").append(updated()).append('"');
            List<Object> values = values();
            for (int i = 0; i < FIELDS.length; i++) {
                json.append(",\"").append(FIELDS[i]).append("\":");
                if (values.get(i) instanceof String text) {
                    json.append('"').append(text).append('"');
                } else {
                    json.append(values.get(i));
                }
            }
            json.append("},\"clock\":\"")
                    .append(clock())
                    .append("\",\"fields\":")
                    .append(clocks())
                    .append('}');
        }

        /** The clock of each field, as JSON. */
        String clocks() {
            StringBuilder json = new StringBuilder("{");
            for (String field : FIELDS) {
                json.append(json.length() == 1 ? "\"" : ",\"")
                        .append(field)
                        .append("\":\"")
                        .append(clock())
                        .append('"');
            }
            return json.append('}').toString();
        }
    }

    /** A message of changes as the bridge hands it to Kafka. */
    static String message(long seq, List<Reading> rows) {
        StringBuilder json = new StringBuilder(512 * rows.size())
                .append("{\"seq\":")
                .append(seq)
                .append(",\"changes\":[");
        for (int i = 0; i < rows.size(); i++) {
            if (i > 0) {
                json.append(',');
            }
            rows.get(i).appendChange(json);
        }
        return json.append("]}").toString();
    }
}
