package io.mooring.agent.cloud;

import java.time.Duration;

/**
 * How sync goes about its work.
 *
 * @param batchRows most rows in one message
 * @param batchBytes about how long a message may get
 * @param messagesInFlight most messages not acknowledged
 * @param resendAfter when an unacknowledged row is sent again
 * @param catchUpPatience when to ask again for what was missed, if the cloud does not say that it has sent it
 * @param pollFastest how often to look for writes of other processes while there are some
 * @param pollSlowest how often to look when there were none for long
 */
public record SyncSettings(
        int batchRows,
        int batchBytes,
        int messagesInFlight,
        Duration resendAfter,
        Duration catchUpPatience,
        Duration pollFastest,
        Duration pollSlowest) {
    /** What suits a device that runs alone. */
    public static final SyncSettings DEFAULT = new SyncSettings(
            100,
            128 * 1024,
            4,
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMillis(50),
            Duration.ofMillis(100));

    /** These, for writes that come through the library alone and need hardly be looked for. */
    public SyncSettings withPoll(Duration fastest, Duration slowest) {
        return new SyncSettings(
                batchRows, batchBytes, messagesInFlight, resendAfter, catchUpPatience, fastest, slowest);
    }

    /** These, with unacknowledged rows sent again after another time. */
    public SyncSettings withResendAfter(Duration after) {
        return new SyncSettings(
                batchRows, batchBytes, messagesInFlight, after, catchUpPatience, pollFastest, pollSlowest);
    }
}
