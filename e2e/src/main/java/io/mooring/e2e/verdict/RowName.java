package io.mooring.e2e.verdict;

/**
 * Which row.
 *
 * @param owner the device, the account, or empty text for everybody's
 */
record RowName(String model, String owner, String sk) {
    @Override
    public String toString() {
        return model + " " + sk + (owner.isEmpty() ? "" : " of " + owner);
    }
}
