package io.mooring.provisioning.core;

import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import java.util.regex.Pattern;

/**
 * Whose a device is.
 *
 * @param cloud the device cloud
 * @param account the account within it
 */
public record Owner(String cloud, String account) {
    private static final Pattern CLOUD = Pattern.compile("[a-z][a-z0-9_]{0,40}");

    /** Checks both names; refused with {@code bad_cloud} or {@code bad_account}. */
    public static Outcome<Owner> of(String cloud, String account) {
        if (!CLOUD.matcher(cloud).matches()) {
            return Outcome.refused("bad_cloud", "a cloud's name is a lower-case letter and up to 40 of a-z 0-9 _");
        }
        if (!DeviceTopics.isLevel(account) || account.equals(Receiver.EVERYBODY)) {
            return Outcome.refused("bad_account", "an account's name is 1 to 64 of A-Z a-z 0-9 _ . - and not all");
        }
        return Outcome.done(new Owner(cloud, account));
    }
}
