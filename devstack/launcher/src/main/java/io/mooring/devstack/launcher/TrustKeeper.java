package io.mooring.devstack.launcher;

import io.mooring.devstack.launcher.parts.ServerCertificate;
import io.mooring.devstack.launcher.process.Notices;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what the broker trusts in step with the authorities there are, because a new cloud brings a
 * new one, and the server's certificate fresh while we run for months.
 */
final class TrustKeeper implements AutoCloseable {
    private static final int PERIOD_SECONDS = 10;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("keeps-trust").factory());
    private final ServerCertificate certificate;
    private final Notices notices;

    private TrustKeeper(ServerCertificate certificate, Notices notices) {
        this.certificate = certificate;
        this.notices = notices;
    }

    static TrustKeeper start(ServerCertificate certificate, Notices notices) {
        TrustKeeper keeper = new TrustKeeper(certificate, notices);
        // At once, too: an authority may have been made while we were away.
        var scheduled = keeper.timer.scheduleWithFixedDelay(keeper::keep, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
        if (scheduled.isDone()) {
            notices.note("the broker's trust is not kept in step");
        }
        return keeper;
    }

    private void keep() {
        try {
            certificate.refreshTrust();
            if (!certificate.isGood()) {
                certificate.renew();
                notices.note("the server's certificate was renewed");
            }
        } catch (IOException | StartException away) {
            // The authority is being restarted; the next round asks again.
            return;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
