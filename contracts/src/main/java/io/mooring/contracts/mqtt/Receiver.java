package io.mooring.contracts.mqtt;

import java.util.Optional;

/**
 * Whom the cloud tells something: one device, the devices of an account, or all devices of a cloud.
 *
 * <p>Text form, as in the {@code ce_subject} of downlink records: {@code device/{id}}, {@code
 * account/{account}}, {@code account/all}. It is also the part of the MQTT topic between {@code
 * ioto/} and what is told (device protocol, section 2).
 */
public sealed interface Receiver {
    /** One device. */
    record Device(String id) implements Receiver {
        public Device {
            DeviceTopics.requireLevel(id);
        }

        @Override
        public String key() {
            return id;
        }

        @Override
        public String topic(String tail) {
            return tail.startsWith(DeviceTopics.RESERVED)
                    ? DeviceTopics.reserved(id, tail)
                    : Receiver.super.topic(tail);
        }

        @Override
        public String toString() {
            return "device/" + id;
        }
    }

    /** The devices of one account. */
    record Account(String account) implements Receiver {
        public Account {
            DeviceTopics.requireLevel(account);
            if (account.equals(EVERYBODY)) {
                throw new IllegalArgumentException("an account may not be named " + EVERYBODY);
            }
        }

        @Override
        public String key() {
            return account;
        }

        @Override
        public String toString() {
            return "account/" + account;
        }
    }

    /** All devices of the cloud. */
    record Everybody() implements Receiver {
        @Override
        public String key() {
            return EVERYBODY;
        }

        @Override
        public String toString() {
            return "account/" + EVERYBODY;
        }
    }

    /** The account name that stands for all devices of the cloud, and that no account may bear. */
    String EVERYBODY = "all";

    /** The key of the downlink record, so that what one receiver is told keeps its order. */
    String key();

    /**
     * The MQTT topic on which the receiver hears {@code tail}, such as {@code sync/MODIFY}. To a device, a
     * tail that begins with {@code $aws/} is told below {@code $aws/things/{id}/}.
     */
    default String topic(String tail) {
        return "ioto/" + this + "/" + tail;
    }

    /** Reads the text form; empty if it is none. */
    static Optional<Receiver> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !DeviceTopics.isLevel(text.substring(slash + 1))) {
            return Optional.empty();
        }
        String name = text.substring(slash + 1);
        return switch (text.substring(0, slash)) {
            case "device" -> Optional.of(new Device(name));
            case "account" -> Optional.of(name.equals(EVERYBODY) ? new Everybody() : new Account(name));
            default -> Optional.empty();
        };
    }
}
