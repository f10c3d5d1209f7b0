package io.mooring.sync.core;

import io.mooring.contracts.schema.SyncSchema;
import io.mooring.sync.JsonCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.TreeMap;

/** Schemas for tests, from their JSON5. */
final class Schemas {
    private Schemas() {}

    static CloudSchema compiled(String models, String process) {
        return compiled("{format: 'onetable:1.1.0', models: {" + models + "}, process: {" + process + "}}");
    }

    static CloudSchema compiled(String json5) {
        return CloudSchema.compile("main", 1, parse(SyncSchema.coreSource()), parse(json5), new TreeMap<>());
    }

    static SyncSchema parse(String json5) {
        try {
            return SyncSchema.of(JsonCodec.readJson5(json5));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A model of which each device has its own rows, both ways. */
    static CloudSchema ofThings() {
        return compiled("""
                Thing: {
                    pk: {type: 'string', value: 'thing#${deviceId}'},
                    sk: {type: 'string', value: 'thing#${id}'},
                    id: {type: 'string'}, n: {type: 'number'}, at: {type: 'date'}, mode: {type: 'string', enum: ['on', 'off']},
                    bag: {type: 'object'}, deviceId: {type: 'string'}, accountId: {type: 'string'}, updated: {type: 'date'},
                },
                Told: {sk: {type: 'string', value: 'told#${n}'}, n: {type: 'number'}, text: {type: 'string'}},
                Shared: {sk: {type: 'string', value: 'shared#${accountId}#${id}'}, id: {type: 'string'}},
                """, "Thing: {sync: 'both'}, Told: {sync: 'down', scope: 'device'}, Shared: {sync: 'both'}");
    }
}
