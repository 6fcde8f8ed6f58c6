package org.socketserver.unix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.socketserver.api.PeerRule;
import org.socketserver.api.Request;
import org.socketserver.api.StreamRequest;

/**
 * Rules for the peers of a Unix stream server, based on the {@link PeerCredentials} from the kernel.
 *
 * <pre>{@code
 * PeerRule admins = UnixPeers.user("root");
 * PeerRule operators = UnixPeers.group("operator");
 * }</pre>
 *
 * <p><b>Names and numbers.</b> A user or group is specified by name or decimal number. As for chown(1), a number that
 * is also a name means that name. Names are looked up once, when the rule is created; a rule stores only the number.
 *
 * <p>A peer without credentials matches no rule: a peer on another transport, a datagram, or a platform without
 * credentials. Linux shows a user or group of another user namespace that has no number in this one as 65534, usually
 * {@code nobody} and {@code nogroup} (user_namespaces(7)).
 *
 * <p>Each match asks the kernel, and also the system's user database for the peer's names. If that is a network
 * directory (nsswitch.conf(5)), a cache such as nscd(8) prevents the accept loop from waiting for it.
 */
public final class UnixPeers {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** The real, then the effective user: proc_pid_status(5). */
    private static final Pattern EFFECTIVE_USER = Pattern.compile("(?m)^Uid:\\s+[0-9]+\\s+([0-9]+)\\s");

    private static final Pattern LARGE = Pattern.compile("[0-9]{10}");

    /**
     * Numbers that the JDK accepts although they have a sign or digits of other scripts; it also cuts a name at a NUL.
     */
    private static final Pattern MISREAD = Pattern.compile("(?s)(?![0-9]+$)[+-]?\\p{Nd}+|.*\\x00.*");

    private UnixPeers() {}

    /** A lookup that throws {@link UserPrincipalNotFoundException} if there is no such name or number. */
    @FunctionalInterface
    private interface Lookup {
        UserPrincipal of(String nameOrNumber) throws IOException;
    }

    private record Rule(String text, UserPrincipal wanted, Function<PeerCredentials, UserPrincipal> asked)
            implements PeerRule {
        @Override
        public boolean matches(Request request) {
            return request instanceof StreamRequest stream
                    && PeerCredentials.of(stream)
                            .map(asked)
                            .filter(wanted::equals)
                            .isPresent();
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * Returns a rule for the peers of one user.
     *
     * @param nameOrNumber the user
     * @return a rule that matches peers that had this effective user when they connected
     * @throws IllegalArgumentException if it is neither the name of a user nor a number from 0 to 4294967294
     * @throws UncheckedIOException if the system can't look users up
     */
    public static PeerRule user(String nameOrNumber) {
        UserPrincipal user = find("user", nameOrNumber, principals()::lookupPrincipalByName);
        return new Rule("user " + nameOrNumber, user, PeerCredentials::user);
    }

    /**
     * Returns a rule for the peers of one group, which is their primary group. The kernel does not report supplementary
     * groups, so a peer that belongs to the group only through one of them does not match.
     *
     * @param nameOrNumber the group
     * @return a rule that matches peers that had this effective group when they connected
     * @throws IllegalArgumentException if it is neither the name of a group nor a number from 0 to 4294967294
     * @throws UncheckedIOException if the system can't look groups up
     */
    public static PeerRule group(String nameOrNumber) {
        UserPrincipal group = find("group", nameOrNumber, principals()::lookupPrincipalByGroupName);
        return new Rule("group " + nameOrNumber, group, PeerCredentials::group);
    }

    /**
     * Returns a rule for the peers of the effective user of this JVM.
     *
     * @return a rule that matches peers that had this effective user when they connected
     * @throws UnsupportedOperationException if the platform does not report the user
     * @throws UncheckedIOException if the system can't look users up
     */
    public static PeerRule self() {
        try {
            // Not the owner of /proc/self: that is root if java has file capabilities.
            Matcher user = EFFECTIVE_USER.matcher(
                    Files.isReadable(STATUS) ? Files.readString(STATUS, StandardCharsets.ISO_8859_1) : "");
            if (user.find()) {
                int number = Integer.parseUnsignedInt(user.group(1));
                // No name starts with a sign, so this is never a user whose name is the number.
                UserPrincipal self = principals().lookupPrincipalByName((number < 0 ? "" : "+") + number);
                return new Rule("user " + user.group(1), self, PeerCredentials::user);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Optional<String> name = ProcessHandle.current().info().user();
        return user(name.orElseThrow(
                () -> new UnsupportedOperationException("this platform does not report which user runs the JVM")));
    }

    private static UserPrincipalLookupService principals() {
        return FileSystems.getDefault().getUserPrincipalLookupService();
    }

    private static UserPrincipal find(String kind, String nameOrNumber, Lookup lookup) {
        try {
            for (String form : forms(nameOrNumber)) {
                try {
                    return lookup.of(form);
                } catch (UserPrincipalNotFoundException unknown) {
                    continue;
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("the " + kind + " " + nameOrNumber + " can't be looked up", failure);
        }
        throw new IllegalArgumentException("the " + kind + " " + nameOrNumber + " is unknown");
    }

    /** Returns the argument for the JDK's lookup, which first treats a number as a name. */
    private static List<String> forms(String nameOrNumber) {
        if (LARGE.matcher(nameOrNumber).matches()) {
            long number = Long.parseLong(nameOrNumber);
            // The JDK keeps numbers of users as int. The last one means "none": chown(2).
            return number > Integer.MAX_VALUE && number < 0xffff_ffffL
                    ? List.of(nameOrNumber, Integer.toString((int) number))
                    : List.of(nameOrNumber);
        }
        return MISREAD.matcher(nameOrNumber).matches() ? List.of() : List.of(nameOrNumber);
    }
}
