package org.socketserver.unix;

import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.OptionalLong;
import org.socketserver.api.StreamRequest;

/**
 * The process at the other end of a Unix stream connection, as the kernel recorded it when the peer connected.
 *
 * <pre>{@code
 * PeerCredentials peer = PeerCredentials.of(request).orElseThrow();
 * if (peer.user().equals(Files.getOwner(database))) { ... }
 * }</pre>
 *
 * <p>The principals equal those of {@link java.nio.file.Files} with the same number, whatever their names are. On an
 * abstract name the name of a principal may be its number.
 *
 * @param user the peer's effective user
 * @param group the peer's effective group
 * @param pid the peer's process; known on an abstract name, not on a path
 */
public record PeerCredentials(UserPrincipal user, GroupPrincipal group, OptionalLong pid) {
    /**
     * Returns the credentials of the peer of a request: {@code request.attribute(PeerCredentials.class)}.
     *
     * @param request a request of any stream server
     * @return the credentials; empty on another transport, if the platform does not support them, or if the connection
     *     is closed
     */
    public static Optional<PeerCredentials> of(StreamRequest request) {
        return request.attribute(PeerCredentials.class);
    }
}
