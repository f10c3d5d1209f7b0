package io.mooring.bridge.uplink;

final class GateAckHold implements AckHold {
    @Override
    public PendingAck hold(int packetId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean drop(PendingAck ack) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long oldestNanos() {
        return 0;
    }
}
