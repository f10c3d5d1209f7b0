package io.mooring.bridge.session;

import com.hivemq.extension.sdk.api.events.client.ClientLifecycleEventListener;
import com.hivemq.extension.sdk.api.events.client.parameters.AuthenticationSuccessfulInput;
import com.hivemq.extension.sdk.api.events.client.parameters.ClientInitiatedDisconnectInput;
import com.hivemq.extension.sdk.api.events.client.parameters.ConnectionLostInput;
import com.hivemq.extension.sdk.api.events.client.parameters.ConnectionStartInput;
import com.hivemq.extension.sdk.api.events.client.parameters.DisconnectEventInput;
import com.hivemq.extension.sdk.api.events.client.parameters.ServerInitiatedDisconnectInput;
import com.hivemq.extension.sdk.api.packets.general.DisconnectedReasonCode;
import com.hivemq.extension.sdk.api.parameter.ClientBasedInput;
import io.mooring.bridge.event.Presence;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Follows the one connection it was made for, and says when it comes and goes. */
public final class ConnectionListener implements ClientLifecycleEventListener {
    private final SessionDirectory sessions;
    private final SessionGuard guard;
    private final Presence presence;
    private final Wills wills;
    private final Consumer<DeviceSession> atEnd;
    private Optional<DeviceSession> session = Optional.empty();

    /**
     * For one connection.
     *
     * @param atEnd told when a session's connection has ended
     */
    public ConnectionListener(
            SessionDirectory sessions,
            SessionGuard guard,
            Presence presence,
            Wills wills,
            Consumer<DeviceSession> atEnd) {
        this.sessions = sessions;
        this.guard = guard;
        this.presence = presence;
        this.wills = wills;
        this.atEnd = atEnd;
    }

    @Override
    public void onMqttConnectionStart(ConnectionStartInput input) {
        // not known yet who it is
    }

    @Override
    public synchronized void onAuthenticationSuccessful(AuthenticationSuccessfulInput input) {
        session = session(input, sessions);
        session.ifPresent(arrived -> {
            sessions.arrived(arrived);
            presence.connected(arrived.entry(), arrived.connection());
            guard.arrived(arrived);
        });
    }

    /** The session of a connection; empty if it was not let in. */
    public static Optional<DeviceSession> session(ClientBasedInput input, SessionDirectory sessions) {
        return input.getConnectionInformation()
                .getConnectionAttributeStore()
                .getAsString(ConnectionAuthenticator.SESSION_ATTRIBUTE)
                .flatMap(sessions::find);
    }

    @Override
    public void onClientInitiatedDisconnect(ClientInitiatedDisconnectInput input) {
        // Only this way of leaving takes the will back (MQTT 5, section 3.14.4).
        boolean saidGoodbye = input.getReasonCode()
                .filter(code -> code != DisconnectedReasonCode.NORMAL_DISCONNECTION)
                .isEmpty();
        ended("client", input, saidGoodbye);
    }

    @Override
    public void onServerInitiatedDisconnect(ServerInitiatedDisconnectInput input) {
        ended("server", input, false);
    }

    @Override
    public void onConnectionLost(ConnectionLostInput input) {
        ended("lost", input, false);
    }

    @Override
    public void onDisconnect(DisconnectEventInput input) {
        ended("other", input, false);
    }

    private synchronized void ended(String by, DisconnectEventInput input, boolean saidGoodbye) {
        session.ifPresent(left -> {
            atEnd.accept(left);
            if (!saidGoodbye) {
                wills.say(left);
            }
            if (sessions.left(left)) {
                String reason = input.getReasonCode()
                        .map(code -> by + "-" + code.name().toLowerCase(Locale.ROOT))
                        .orElse(by);
                presence.disconnected(left.entry(), left.connection(), reason);
            }
        });
        session = Optional.empty();
    }
}
