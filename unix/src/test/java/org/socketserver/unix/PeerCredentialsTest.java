package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.StreamRequest;

class PeerCredentialsTest {
    @TempDir
    private Path folder;

    private PeerCredentials ofAClientOf(UnixAddress address) throws Exception {
        CompletableFuture<PeerCredentials> seen = new CompletableFuture<>();
        CompletableFuture<StreamRequest> request = new CompletableFuture<>();
        try (UnixStreamServer server = new UnixStreamServer(address, incoming -> {
            assertEquals(Optional.empty(), incoming.attribute(String.class));
            seen.complete(PeerCredentials.of(incoming).orElseThrow());
            request.complete(incoming);
        })) {
            server.start();
            Peers.exchange(address, "");
        }
        assertEquals(Optional.empty(), PeerCredentials.of(request.join()), "of a closed connection");
        return seen.join();
    }

    @Test
    void credentialsOverAPathHaveUserAndGroup() throws Exception {
        PosixFileAttributes own =
                Files.readAttributes(Files.createFile(folder.resolve("f")), PosixFileAttributes.class);
        PeerCredentials peer = ofAClientOf(UnixAddress.path(folder.resolve("s")));
        assertEquals(own.owner(), peer.user());
        assertEquals(own.owner().getName(), peer.user().getName());
        assertEquals(own.group(), peer.group());
        assertEquals(OptionalLong.empty(), peer.pid());
    }

    @Test
    void credentialsOverAnAbstractNameAlsoHaveTheProcess() throws Exception {
        PosixFileAttributes own =
                Files.readAttributes(Files.createFile(folder.resolve("f")), PosixFileAttributes.class);
        PeerCredentials peer = ofAClientOf(Peers.freshName());
        assertEquals(own.owner(), peer.user());
        assertEquals(own.group(), peer.group());
        assertEquals(OptionalLong.of(ProcessHandle.current().pid()), peer.pid());
    }
}
