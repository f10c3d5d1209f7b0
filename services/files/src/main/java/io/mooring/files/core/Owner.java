package io.mooring.files.core;

/** Whose an object is: a device of a cloud. The cloud is the bucket, {@code device/} the prefix of every key. */
public record Owner(String cloud, String device) {
    /** What all keys of this owner begin with. */
    public String prefix() {
        return device + "/";
    }
}
