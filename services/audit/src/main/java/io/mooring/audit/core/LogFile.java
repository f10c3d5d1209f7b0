package io.mooring.audit.core;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A log file: {@code {"Records":[…]}}, the records in the order in which they came, byte for byte as they were taken. */
public final class LogFile {
    private static final byte[] BEGINNING = "{\"Records\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "]}".getBytes(StandardCharsets.US_ASCII);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private LogFile() {}

    /** The file of these records, uncompressed. */
    public static byte[] of(List<byte[]> records) {
        int size = BEGINNING.length + END.length;
        for (byte[] record : records) {
            size += record.length + 1;
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream(size);
        file.writeBytes(BEGINNING);
        boolean first = true;
        for (byte[] record : records) {
            if (!first) {
                file.write(',');
            }
            first = false;
            file.writeBytes(record);
        }
        file.writeBytes(END);
        return file.toByteArray();
    }

    /**
     * The records of a file.
     *
     * @throws IOException if it is none
     */
    public static List<TrailRecord> records(byte[] file) throws IOException {
        JsonNode records = JSON.readTree(file).path("Records");
        if (!records.isArray()) {
            throw new IOException("has no Records");
        }
        List<TrailRecord> read = new ArrayList<>(records.size());
        for (JsonNode record : records) {
            read.add(TrailRecord.of(record));
        }
        return read;
    }
}
