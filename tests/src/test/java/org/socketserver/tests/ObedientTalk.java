package org.socketserver.tests;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Deadline;
import org.socketserver.api.Request;
import org.socketserver.api.Server;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.unix.PeerCredentials;

/** Commands about input, output, and what a handler can see. */
final class ObedientTalk {
    static final Map<String, ObedientHandler.Command> COMMANDS = Map.ofEntries(
            Map.entry("upper", (request, text) -> Handlers.answer(request, text.toUpperCase(Locale.ROOT))),
            Map.entry("quiet", (request, nothing) -> {}),
            Map.entry("echo", ObedientTalk::echo),
            Map.entry("echo-all", (request, nothing) -> request.input().transferTo(request.output())),
            Map.entry("read-all", (request, nothing) -> request.input().readAllBytes()),
            Map.entry("count-all", (request, nothing) -> countAll(request)),
            Map.entry("bytes", (request, count) -> request.output().write(bytes(Integer.parseInt(count)))),
            Map.entry("lines", ObedientTalk::lines),
            Map.entry("replies", ObedientTalk::replies),
            Map.entry("too-long", (request, nothing) -> tooLong((DatagramRequest) request)),
            Map.entry("half-close", (request, nothing) -> ((StreamRequest) request).shutdownOutput()),
            Map.entry("peer", (request, nothing) -> answer(request, request.clientAddress())),
            Map.entry("here", (request, nothing) -> answer(request, request.serverAddress())),
            Map.entry("server", (request, nothing) -> server(request)),
            Map.entry("options", (request, nothing) -> options(request)),
            Map.entry(
                    "is-stopping",
                    (request, nothing) -> answer(request, request.server().isStopping())),
            Map.entry("credentials", (request, nothing) -> credentials((StreamRequest) request)),
            Map.entry(
                    "thread",
                    (request, nothing) -> answer(request, Thread.currentThread().getName())),
            Map.entry(
                    "pid",
                    (request, nothing) ->
                            answer(request, ProcessHandle.current().pid())));

    private ObedientTalk() {}

    /** Returns bytes in which neighbors differ, and distant positions usually do. */
    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i ^ i >> 8 ^ i >> 16);
        }
        return bytes;
    }

    private static void answer(Request request, Object attribute) throws IOException {
        Handlers.answer(request, attribute.toString());
    }

    private static void echo(Request request, String count) throws IOException {
        for (int left = Integer.parseInt(count); left > 0; ) {
            byte[] some = request.input().readNBytes(Math.min(left, 65_536));
            if (some.length == 0) {
                throw new IOException("the input ended " + left + " bytes too early");
            }
            request.output().write(some);
            left -= some.length;
        }
    }

    private static void countAll(Request request) throws IOException {
        answer(request, request.input().readAllBytes().length + " bytes");
    }

    private static void lines(Request request, String count) throws IOException {
        for (int i = 0; i < Integer.parseInt(count); i++) {
            Handlers.answer(request, "line " + i);
        }
    }

    private static void replies(Request request, String count) throws IOException {
        for (int i = 0; i < Integer.parseInt(count); i++) {
            ((DatagramRequest) request).reply(("reply " + i).getBytes("US-ASCII"));
        }
    }

    private static void tooLong(DatagramRequest request) throws IOException {
        request.output().write(new byte[request.maxReplySize()]);
        request.output().write(0);
    }

    private static void server(Request request) throws IOException {
        Server server = request.server();
        Handlers.answer(request, server.name() + "|" + server.transport() + "|" + server.address());
    }

    /** Answers with the options that the tests set. */
    private static void options(Request request) throws IOException {
        ServerOptions options = request.server().options();
        Handlers.answer(
                request,
                options.name() + " " + options.grace() + " " + options.deadline(Deadline.READ) + " "
                        + options.maxDatagramSize() + " " + options.stuckAfter());
    }

    private static void credentials(StreamRequest request) throws IOException {
        answer(request, request.attribute(PeerCredentials.class).map(PeerCredentials::user));
    }
}
