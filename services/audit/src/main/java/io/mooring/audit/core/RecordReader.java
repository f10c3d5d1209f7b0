package io.mooring.audit.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Reads records as sources send them, and adds what the trail alone knows: whose trail it is, and where. */
public final class RecordReader {
    private final TrailLayout layout;
    private final int mostBytes;

    public RecordReader(TrailLayout layout, int mostBytes) {
        this.layout = layout;
        this.mostBytes = mostBytes;
    }

    /**
     * Reads a record.
     *
     * @param cloud of which cloud it tells; empty if the source does not say
     * @throws IOException if it is none; the message says why
     */
    public TrailRecord read(byte[] value, String cloud) throws IOException {
        if (value.length > mostBytes) {
            throw new IOException("is longer than " + mostBytes + " bytes");
        }
        JsonNode json = Json.read(value);
        if (!(json instanceof ObjectNode record)) {
            throw new IOException("is no JSON object");
        }
        if (!record.path("awsRegion").isTextual()) {
            record.put("awsRegion", layout.region());
        }
        if (!record.path("recipientAccountId").isTextual()) {
            record.put("recipientAccountId", layout.account());
        }
        if (!cloud.isEmpty()) {
            JsonNode additional = record.path("additionalEventData");
            ObjectNode object =
                    additional instanceof ObjectNode there ? there : record.putObject("additionalEventData");
            object.put("cloud", cloud);
        }
        return TrailRecord.of(record);
    }
}
