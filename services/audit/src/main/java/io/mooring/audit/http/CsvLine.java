package io.mooring.audit.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.audit.core.TrailRecord;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** A record as a line of CSV (RFC 4180, without its line end). */
final class CsvLine {
    static final String HEADING =
            "eventTime,eventID,eventSource,eventName,userType,userName,device,cloud,sourceIPAddress,errorCode,readOnly";

    private CsvLine() {}

    static String of(JsonNode json) throws IOException {
        TrailRecord record = TrailRecord.of(json);
        return List.of(
                        record.at().toString(),
                        record.id().toString(),
                        record.source(),
                        record.name(),
                        record.whoType(),
                        record.who(),
                        record.device() == null ? "" : record.device(),
                        record.cloud(),
                        record.address(),
                        record.errorCode(),
                        Boolean.toString(record.readOnly()))
                .stream()
                .map(CsvLine::cell)
                .collect(Collectors.joining(","));
    }

    /** Quoted where it must be; what a spreadsheet would take for a formula is made a text. */
    private static String cell(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
        String safe = formula ? "'" + text : text;
        boolean quoted = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }
}
