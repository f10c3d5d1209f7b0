package io.mooring.messaging.core;

import java.util.regex.Pattern;

/** The forms of names. */
public final class Names {
    /** As deploy/postgresql/bootstrap.sql has it: a cloud's name becomes that of a schema. */
    private static final Pattern CLOUD = Pattern.compile("[a-z][a-z0-9_]{0,40}");

    private Names() {}

    public static boolean isCloud(String text) {
        return CLOUD.matcher(text).matches();
    }
}
