package io.mooring.provisioning.core;

/**
 * What a device says of itself (device protocol, section 1.1).
 *
 * @param name empty if it has none
 * @param description empty if it has none
 * @param model empty if it has none
 * @param properties everything else it said, a JSON object as text; never its product's token or a proof
 */
public record Description(String name, String description, String model, String properties) {
    /** Of a device that says nothing of itself. */
    public static final Description NONE = new Description("", "", "", "{}");
}
