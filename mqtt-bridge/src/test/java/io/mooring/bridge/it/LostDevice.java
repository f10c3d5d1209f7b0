package io.mooring.bridge.it;

import io.mooring.bridge.stack.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A device that connects (MQTT 3.1.1), leaves a last will, and is gone without a word: no client library does that. */
final class LostDevice {
    private static final int CONNECT = 0x10;
    private static final int CONNACK = 0x20;
    private static final int PROTOCOL_LEVEL = 4;
    /** Clean session, with a will at QoS 1. */
    private static final int CLEAN_WITH_WILL = 0b0000_1110;

    private static final int KEEP_ALIVE_SECONDS = 60;

    private LostDevice() {}

    /** Connects, and cuts the connection as soon as the broker has let it in. */
    static void comeAndGo(
            String id, int port, TestAuthority authority, TestAuthority.Identity identity, String topic, String will)
            throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                authority.keyManagers(identity).getKeyManagers(),
                authority.trustManagers().getTrustManagers(),
                null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
            socket.getOutputStream().write(connect(id, topic, will));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int type = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int code = in.readUnsignedByte();
            if (type != CONNACK || code != 0) {
                throw new IOException("not let in: " + type + " " + length + " " + flags + " " + code);
            }
        }
    }

    /** MQTT 3.1.1, section 3.1. */
    private static byte[] connect(String id, String topic, String will) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(body);
        out.writeUTF("MQTT");
        out.writeByte(PROTOCOL_LEVEL);
        out.writeByte(CLEAN_WITH_WILL);
        out.writeShort(KEEP_ALIVE_SECONDS);
        out.writeUTF(id);
        out.writeUTF(topic);
        out.writeUTF(will);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(CONNECT);
        // One byte of length is enough for what tests say.
        packet.write(body.size());
        body.writeTo(packet);
        return packet.toByteArray();
    }
}
