package io.mooring.agent.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What the agent itself logs, as the program's logging hands it on; without a source for it, nothing becomes of it. */
public final class OwnLog extends AppenderBase<ILoggingEvent> {
    /** Whoever sends lines must not make lines by that. */
    private static final String SELF = OwnLog.class.getPackageName();

    private static final AtomicReference<@Nullable LogSource> TAKER = new AtomicReference<>();

    /** From now on lines go there. */
    static void to(@Nullable LogSource source) {
        TAKER.set(source);
    }

    @Override
    protected void append(ILoggingEvent event) {
        LogSource taker = TAKER.get();
        if (taker == null || event.getLoggerName().startsWith(SELF)) {
            return;
        }
        String trace =
                event.getThrowableProxy() == null ? "" : "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
        LineJoiner whole = new LineJoiner(null);
        whole.add((event.getFormattedMessage() + trace).replace('\0', '\ufffd'));
        synchronized (taker) {
            whole.flush()
                    .ifPresent(text -> taker.line(
                            new LogLine(
                                    event.getTimeStamp(),
                                    event.getLevel().toString().toLowerCase(Locale.ROOT),
                                    text),
                            Optional.empty()));
        }
    }
}
