package io.mooring.contracts.kafka;

/**
 * The topic on which applications read the rows of one model in one cloud: the last state of each row for ever
 * (compacted), so that whoever reads it from the beginning has them all. See docs/asyncapi.yaml.
 *
 * @param cloud the device cloud
 * @param table the model's table, which is its name in lower case with its words parted by {@code _}
 */
public record RowTopic(String cloud, String table) {
    /** How many partitions such a topic is made with, unless configured otherwise. */
    public static final int PARTITIONS = 3;

    private static final int VERSION = 1;

    /** The topic's name under a prefix, such as {@code mooring.row.main.store.v1}. */
    public String name(String prefix) {
        return prefix + ".row." + cloud + "." + table + ".v" + VERSION;
    }

    /**
     * The key of a row's records.
     *
     * @param owner the device's or account's id; empty if the row is everybody's
     * @param sk its sort key
     */
    public static String key(String owner, String sk) {
        return owner.isEmpty() ? sk : owner + "/" + sk;
    }
}
