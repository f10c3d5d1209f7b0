package io.mooring.files.core;

/**
 * How much a device keeps.
 *
 * @param bytes uploads that were not completed included
 */
public record Usage(long bytes, long objects) {
    /** Both together. */
    public Usage plus(long moreBytes, long moreObjects) {
        return new Usage(bytes + moreBytes, objects + moreObjects);
    }
}
