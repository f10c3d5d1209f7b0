package io.mooring.audit.core.verify;

/**
 * Something about a trail that is not as it should be.
 *
 * @param place the object, the source, or whatever else it is about
 * @param detail for people
 */
public record Finding(Code code, String place, String detail) {
    /** What is wrong. */
    public enum Code {
        /** There is no digest at all. */
        NO_DIGESTS("no-digests"),
        /** A digest that another, or a head kept elsewhere, speaks of is not there. */
        DIGEST_MISSING("digest-missing"),
        /** A digest that cannot be read. */
        DIGEST_UNREADABLE("digest-unreadable"),
        /** A digest that says it lies elsewhere. */
        DIGEST_MISPLACED("digest-misplaced"),
        /** A digest that its successor passes over. */
        DIGEST_SKIPPED("digest-skipped"),
        /** A digest that is another than the one whose head was kept elsewhere. */
        HEAD_DIFFERS("head-differs"),
        /** Digests of which the place where heads are kept knows nothing: it was set back, or they are another's. */
        HEAD_BEHIND("head-behind"),
        /** A digest whose signature is not there. */
        SIGNATURE_MISSING("signature-missing"),
        /** A signature that is not that of its digest. */
        SIGNATURE_WRONG("signature-wrong"),
        /** A signature or time stamp of a digest that is not there. */
        SIGNATURE_STRAY("signature-stray"),
        /** A digest signed with a key that was not given. */
        KEY_UNKNOWN("key-unknown"),
        /** A digest of a time in which its key did not sign. */
        KEY_OUT_OF_TIME("key-out-of-time"),
        /** A digest names another hash of the one before. */
        PREVIOUS_HASH_WRONG("previous-hash-wrong"),
        /** A digest names another signature of the one before. */
        PREVIOUS_SIGNATURE_WRONG("previous-signature-wrong"),
        /** Time that no digest speaks for. */
        PERIOD_GAP("period-gap"),
        /** Time that two digests speak for, or a period that ends before it begins. */
        PERIOD_OVERLAP("period-overlap"),
        /** A log file that a digest names is not there. */
        LOG_MISSING("log-missing"),
        /** A log file that is another than the one that was named. */
        LOG_CHANGED("log-changed"),
        /** A log file that cannot be read, cut short, or going on after its end. */
        LOG_UNREADABLE("log-unreadable"),
        /** A log file that no digest names. */
        LOG_STRAY("log-stray"),
        /** A log file that is named twice. */
        LOG_NAMED_TWICE("log-named-twice"),
        /** Records of other times than the digest says. */
        LOG_TIMES_WRONG("log-times-wrong"),
        /** A number of a source is missing: what it said there is lost. */
        NUMBER_MISSING("number-missing"),
        /** A number of a source is there twice: a record was copied, or the source was set back. */
        NUMBER_TWICE("number-twice"),
        /** A time stamp that is not of its digest, or not signed as it should be. */
        TIMESTAMP_WRONG("timestamp-wrong"),
        /** An object that is none of a trail's, or of another trail. */
        OBJECT_STRAY("object-stray"),
        /** The trail ends before the time that it should reach. */
        TRAIL_ENDS_EARLY("trail-ends-early");

        private final String label;

        Code(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    @Override
    public String toString() {
        return code.label() + ": " + place + ": " + detail;
    }
}
