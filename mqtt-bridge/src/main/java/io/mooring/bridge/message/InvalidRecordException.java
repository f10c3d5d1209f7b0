package io.mooring.bridge.message;

/** A record is not what a record of its topic is. */
public final class InvalidRecordException extends Exception {
    private final String code;

    /**
     * With what is wrong.
     *
     * @param code for machines
     * @param detail for people
     */
    public InvalidRecordException(String code, String detail) {
        super(detail);
        this.code = code;
    }

    /** What is wrong, for machines. */
    public String code() {
        return code;
    }
}
