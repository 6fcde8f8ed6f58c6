"""An echo server on CPython's socketserver.

    contender.py TRANSPORT MIXIN HANDLER BUFFER [PATH]

TRANSPORT is tcp, tls, udp, unix or unixdgram; PATH is that of the Unix socket, or the file with the key and the
certificate; MIXIN is sync, threading or forking; HANDLER is echo or line. Writes "port N"
or "path P" when clients can connect. The backlog is larger than the default of 5, with which most clients would wait,
and threads are daemons.
"""
import socketserver
import ssl
import sys

transport, mixin, handler, size = sys.argv[1:5]
size = int(size)


class StreamEcho(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(size):
            self.request.sendall(data)


class Line(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline())


class DatagramEcho(socketserver.BaseRequestHandler):
    def handle(self):
        data, sock = self.request
        sock.sendto(data, self.client_address)


class TLSServer(socketserver.TCPServer):
    def finish_request(self, request, client_address):
        """Does the handshake in the thread of the connection."""
        with context.wrap_socket(request, server_side=True) as encrypted:
            super().finish_request(encrypted, client_address)


if transport == "tls":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[5])

base = {
    "tcp": socketserver.TCPServer,
    "tls": TLSServer,
    "udp": socketserver.UDPServer,
    "unix": socketserver.UnixStreamServer,
    "unixdgram": socketserver.UnixDatagramServer,
}[transport]
bases = {
    "sync": (base,),
    "threading": (socketserver.ThreadingMixIn, base),
    "forking": (socketserver.ForkingMixIn, base),
}[mixin]
Server = type("Server", bases, {"request_queue_size": 4096, "daemon_threads": True})
if transport in ("udp", "unixdgram"):
    Handler = DatagramEcho
else:
    Handler = Line if handler == "line" else StreamEcho
unix = transport.startswith("unix")

try:
    with Server(sys.argv[5] if unix else ("127.0.0.1", 0), Handler) as server:
        print("path " + server.server_address if unix else "port %d" % server.server_address[1], flush=True)
        server.serve_forever()
except KeyboardInterrupt:
    pass
