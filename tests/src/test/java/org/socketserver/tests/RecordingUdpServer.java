package org.socketserver.tests;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.udp.UdpServer;

/** A {@link UdpServer} whose hooks a test can observe and replace. */
final class RecordingUdpServer extends UdpServer {
    private final Hooks hooks;

    RecordingUdpServer(
            InetSocketAddress address, HandlerSource<DatagramRequest> handlers, ServerOptions options, Hooks hooks) {
        super(address, handlers, options);
        this.hooks = hooks;
    }

    @Override
    protected SocketAddress serverBind() throws IOException {
        return hooks.call("serverBind", null, () -> super.serverBind());
    }

    @Override
    protected void serverActivate() throws IOException {
        hooks.run("serverActivate", null, () -> super.serverActivate());
    }

    @Override
    protected void serverClose() throws IOException {
        hooks.run("serverClose", null, () -> super.serverClose());
    }

    @Override
    protected DatagramRequest getRequest() throws IOException {
        return hooks.call("getRequest", null, () -> super.getRequest());
    }

    @Override
    protected Object clientKey(DatagramRequest request) {
        return hooks.call("clientKey", request, () -> super.clientKey(request));
    }

    @Override
    protected boolean verifyRequest(DatagramRequest request) {
        return hooks.call("verifyRequest", request, () -> super.verifyRequest(request));
    }

    @Override
    protected void processRequest(DatagramRequest request) throws Exception {
        hooks.run("processRequest", request, () -> super.processRequest(request));
    }

    @Override
    protected void finishRequest(DatagramRequest request) throws Exception {
        hooks.run("finishRequest", request, () -> super.finishRequest(request));
    }

    @Override
    protected void shutdownRequest(DatagramRequest request) {
        hooks.run("shutdownRequest", request, () -> super.shutdownRequest(request));
    }

    @Override
    protected void closeRequest(DatagramRequest request) {
        hooks.run("closeRequest", request, () -> super.closeRequest(request));
    }

    @Override
    protected void handleError(DatagramRequest request, Throwable failure) {
        hooks.failures.add(new Hooks.Failure(request.clientAddress(), failure));
        hooks.run("handleError", request, () -> super.handleError(request, failure));
    }

    @Override
    protected void handleTimeout() {
        hooks.run("handleTimeout", null, () -> super.handleTimeout());
    }

    @Override
    protected void serviceActions() {
        hooks.run("serviceActions", null, () -> super.serviceActions());
    }
}
