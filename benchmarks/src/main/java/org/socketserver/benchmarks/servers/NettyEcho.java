package org.socketserver.benchmarks.servers;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.DomainDatagramPacket;

/** Sends back its input; flushes once per round of the event loop. Runs on the event loops. */
@Sharable
final class NettyEcho extends ChannelInboundHandlerAdapter {
    private final boolean line;

    NettyEcho(boolean line) {
        this.line = line;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof DatagramPacket packet) {
            context.write(new DatagramPacket(packet.content(), packet.sender()));
        } else if (message instanceof DomainDatagramPacket packet) {
            context.write(new DomainDatagramPacket(packet.content(), packet.sender()));
        } else if (line && message instanceof ByteBuf bytes && bytes.getByte(bytes.writerIndex() - 1) == '\n') {
            context.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE);
        } else {
            context.write(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        context.close();
    }
}
