package io.mooring.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.Devstack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Looks things up. */
final class Facts {
    private Facts() {}

    /** What became of a certificate, as the certificate authority has it. */
    static String certificateState(Devstack stack, String certificate) throws Exception {
        return rows(
                stack,
                "select state from certificates.certificate where fingerprint = '" + TestKeys.fingerprint(certificate)
                        + "'");
    }

    /** All values of all rows, one after another. */
    static String rows(Devstack stack, String sql) throws Exception {
        StringBuilder all = new StringBuilder();
        try (Connection connection = stack.connection("postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    all.append(rows.getString(i));
                }
            }
        }
        return all.toString();
    }

    /** Changes what the database holds, as time would. */
    static void update(Devstack stack, String sql) throws Exception {
        try (Connection connection = stack.connection("postgres");
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /** The names of an object's fields, in order. */
    static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The texts of an array. */
    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }
}
