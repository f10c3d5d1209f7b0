package io.mooring.e2e.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A line between two who speak TCP, on loopback, that can be cut, stopped up, slowed down, or made to lose what one side
 * says. What is lost is lost as in a network that fails: the connection does not live on without it.
 */
final class Link implements AutoCloseable {
    /** What becomes of a line. */
    enum Trouble {
        /** Connections break, with a reset, and new ones fail. */
        CUT,
        /** Nothing passes, and nobody is told. */
        HANG,
        /** What the caller says passes; of what it is answered, acknowledgements above all, nothing does. */
        DEAF,
        /** The answers pass; what the caller says does not. */
        MUTE,
        /** All that passes passes late. */
        SLOW
    }

    private static final int BUFFER = 16 * 1024;
    private static final int SLOW_MILLIS = 150;

    private final String name;
    private final int target;
    private final ServerSocket server;
    private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile @Nullable Trouble trouble;
    private volatile double share;
    private volatile boolean closed;

    /** Listens at a port, any free one for 0, and forwards to another. */
    Link(String name, int at, int target) throws IOException {
        this.name = name;
        this.target = target;
        server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 200);
        Thread.ofVirtual().name("link-" + name).start(this::accept);
    }

    String name() {
        return name;
    }

    /** Where to come to. */
    int port() {
        return server.getLocalPort();
    }

    /** Where it leads. */
    int target() {
        return target;
    }

    /**
     * Begins trouble, in place of what there was.
     *
     * @param affected of how many of the connections, 0 to 1
     */
    void begin(Trouble what, double affected) {
        set(what, affected);
        if (what == Trouble.CUT) {
            conversations.stream().filter(each -> each.lot < affected).forEach(Conversation::reset);
        }
    }

    /** Ends trouble. Connections that lost something break. */
    void heal() {
        set(null, 0);
        conversations.stream().filter(each -> each.lossy).forEach(Conversation::reset);
    }

    private void set(@Nullable Trouble what, double affected) {
        lock.lock();
        try {
            share = affected;
            trouble = what;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Trouble troubleOf(Conversation conversation) {
        Trouble now = trouble;
        return conversation.lot < share ? now : null;
    }

    private void accept() {
        while (!closed) {
            try {
                Conversation conversation = new Conversation(server.accept());
                if (troubleOf(conversation) == Trouble.CUT) {
                    conversation.reset();
                } else {
                    conversations.add(conversation);
                    Thread.ofVirtual().start(conversation::begin);
                }
            } catch (IOException e) {
                if (closed) {
                    return;
                }
            }
        }
    }

    /** One connection through the line. */
    private final class Conversation {
        private final Socket caller;
        private final Socket called = new Socket();
        /** Decides whether trouble that affects a share of all connections affects this one. */
        private final double lot;

        private volatile boolean lossy;

        Conversation(Socket caller) {
            this.caller = caller;
            this.lot = (Integer.reverse(caller.getPort() * 0x9E3779B9) >>> 1) / (double) Integer.MAX_VALUE;
        }

        void begin() {
            try {
                called.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 5_000);
                caller.setTcpNoDelay(true);
                called.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> pump(caller, called, Trouble.MUTE));
                pump(called, caller, Trouble.DEAF);
            } catch (IOException e) {
                reset();
            }
        }

        private void pump(Socket from, Socket to, Trouble swallows) {
            byte[] buffer = new byte[BUFFER];
            boolean losing = false;
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                int read;
                while ((read = in.read(buffer)) >= 0) {
                    awaitPassage();
                    Trouble now = troubleOf(this);
                    if (now == swallows || losing) {
                        losing = true;
                        lossy = true;
                    } else {
                        if (now == Trouble.SLOW) {
                            Thread.sleep(SLOW_MILLIS);
                        }
                        out.write(buffer, 0, read);
                        out.flush();
                    }
                }
                awaitPassage();
                to.shutdownOutput();
                if (from.isOutputShutdown()) {
                    end();
                }
            } catch (IOException e) {
                reset();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                reset();
            }
        }

        private void awaitPassage() throws InterruptedException {
            if (troubleOf(this) != Trouble.HANG) {
                return;
            }
            lock.lockInterruptibly();
            try {
                while (troubleOf(this) == Trouble.HANG && !closed) {
                    changed.await();
                }
            } finally {
                lock.unlock();
            }
        }

        private void reset() {
            for (Socket socket : List.of(caller, called)) {
                try {
                    socket.setSoLinger(true, 0);
                } catch (IOException e) {
                    // It is closed already, or was never connected.
                }
            }
            end();
        }

        private void end() {
            conversations.remove(this);
            for (Socket socket : List.of(caller, called)) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // It is gone, as it should be.
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        server.close();
        heal();
        conversations.forEach(Conversation::reset);
    }
}
