package io.mooring.bench.cloud;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.util.function.Consumer;

/** A connection over TLS to a broker on this machine, of a load that speaks just the packets it needs. */
public final class TlsConnection {
    private TlsConnection() {}

    /**
     * Opens one; it is connected when this returns, and greets when its handshake is done.
     *
     * @param behind adds what handles the packets
     */
    public static Channel open(EventLoopGroup group, SslContext tls, int port, Consumer<ChannelPipeline> behind)
            throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.newHandler(channel.alloc(), "localhost", port));
                        behind.accept(channel.pipeline());
                    }
                })
                .connect("127.0.0.1", port)
                .sync()
                .channel();
    }
}
