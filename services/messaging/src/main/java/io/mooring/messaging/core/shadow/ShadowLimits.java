package io.mooring.messaging.core.shadow;

/**
 * How large shadows may be (AWS IoT Core quotas, "Device Shadow").
 *
 * @param documentBytes of the state, desired and reported together, as compact JSON in UTF-8; metadata does not count
 * @param requestBytes of a request as sent
 * @param levels of objects and arrays in a section, the section itself being the first
 * @param namedShadows of one device; AWS knows no such limit, but a device that goes on inventing names must end somewhere
 */
public record ShadowLimits(int documentBytes, int requestBytes, int levels, int namedShadows) {
    /** AWS' own: 8 KB, 8 levels. */
    public static final ShadowLimits AWS = new ShadowLimits(8 * 1024, 128 * 1024, 8, 100);
}
