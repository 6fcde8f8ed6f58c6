package org.socketserver.unix;

import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.OptionalLong;
import org.socketserver.api.StreamRequest;

/**
 * Who is at the other end of a Unix stream connection, as the kernel noted it when the peer connected.
 *
 * <pre>{@code
 * PeerCredentials peer = PeerCredentials.of(request).orElseThrow();
 * if (peer.user().equals(Files.getOwner(database))) { ... }
 * }</pre>
 *
 * <p>The principals equal those of {@link java.nio.file.Files} with the same number, whatever their names; over an
 * abstract name their name may be the number.
 *
 * @param user the peer's effective user
 * @param group the peer's effective group
 * @param pid the peer's process, where the transport tells: over an abstract name yes, over a path no
 */
public record PeerCredentials(UserPrincipal user, GroupPrincipal group, OptionalLong pid) {
    /**
     * Asks who sent a request: {@code request.attribute(PeerCredentials.class)}.
     *
     * @param request a request of any stream server
     * @return the credentials; empty if the transport is another one, the platform does not tell, or the connection is
     *     closed
     */
    public static Optional<PeerCredentials> of(StreamRequest request) {
        return request.attribute(PeerCredentials.class);
    }
}
