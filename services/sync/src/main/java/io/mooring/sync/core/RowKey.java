package io.mooring.sync.core;

/**
 * Names a row within a cloud.
 *
 * @param model its model
 * @param owner the device's or account's id, by the model's scope; empty text if it is everybody's
 * @param sk its sort key
 */
public record RowKey(String model, String owner, String sk) implements Comparable<RowKey> {
    @Override
    public int compareTo(RowKey other) {
        int byModel = model.compareTo(other.model);
        if (byModel != 0) {
            return byModel;
        }
        int byOwner = owner.compareTo(other.owner);
        return byOwner != 0 ? byOwner : sk.compareTo(other.sk);
    }
}
