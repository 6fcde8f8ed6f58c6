package org.socketserver.unix;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Arrays;
import java.util.OptionalLong;
import org.socketserver.api.spi.PortableType;

/**
 * Carries peer credentials to another process: the names of user and group, which the other process looks up, and the
 * process id.
 *
 * <p>Found by {@link java.util.ServiceLoader}. A user or group without a name is written and looked up by its number.
 * As for chown(1), a number that is also a name means that name. Each name is a length of two bytes and UTF-8; then
 * follows {@code 1} and the process id in eight bytes, or {@code 0}.
 */
public final class PeerCredentialsType implements PortableType<PeerCredentials> {
    /** Linux allows 255 (useradd(8): 256 with the NUL); network directories have longer names. */
    private static final int MAX_NAME = 1_024;

    /** For {@link java.util.ServiceLoader}. */
    public PeerCredentialsType() {}

    /** A lookup of the file system. */
    @FunctionalInterface
    private interface Lookup<P extends UserPrincipal> {
        P of(String name) throws IOException;
    }

    @Override
    public Class<PeerCredentials> type() {
        return PeerCredentials.class;
    }

    @Override
    public String name() {
        return "peer-credentials";
    }

    /**
     * Writes credentials.
     *
     * @param value the credentials
     * @return at most 2,061 bytes
     * @throws IllegalArgumentException if a name is empty or has more than 1,024 bytes in UTF-8
     */
    @Override
    public byte[] encode(PeerCredentials value) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * (Short.BYTES + MAX_NAME) + 1 + Long.BYTES);
        encodeName("user", value.user(), bytes);
        encodeName("group", value.group(), bytes);
        bytes.put((byte) (value.pid().isPresent() ? 1 : 0));
        value.pid().ifPresent(bytes::putLong);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static void encodeName(String kind, UserPrincipal principal, ByteBuffer bytes) {
        byte[] name = principal.getName().getBytes(StandardCharsets.UTF_8);
        if (!isValid(name.length)) {
            throw new IllegalArgumentException(invalid(kind, name.length));
        }
        bytes.putShort((short) name.length).put(name);
    }

    private static boolean isValid(int length) {
        return length >= 1 && length <= MAX_NAME;
    }

    private static String invalid(String kind, int length) {
        return "the name of a " + kind + " has " + length + " bytes; it must have from 1 to " + MAX_NAME;
    }

    /**
     * Reads credentials and looks up their names. If the system's users are in a network directory, this waits for it.
     *
     * @param bytes the result of {@link #encode}
     * @return the credentials; the principals equal those of {@link java.nio.file.Files}
     * @throws ProtocolException if the bytes are not credentials, or the user or group is unknown here
     */
    @Override
    public PeerCredentials decode(byte[] bytes) throws ProtocolException {
        UserPrincipalLookupService principals = FileSystems.getDefault().getUserPrincipalLookupService();
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        try {
            String user = decodeName("user", rest);
            String group = decodeName("group", rest);
            OptionalLong pid = pid(rest);
            if (rest.hasRemaining()) {
                throw new ProtocolException(
                        "peer credentials have " + bytes.length + " bytes, " + rest.remaining() + " too many");
            }
            return new PeerCredentials(
                    found("user", user, principals::lookupPrincipalByName),
                    found("group", group, principals::lookupPrincipalByGroupName),
                    pid);
        } catch (BufferUnderflowException truncated) {
            throw new ProtocolException("peer credentials are truncated after " + bytes.length + " bytes");
        }
    }

    private static String decodeName(String kind, ByteBuffer rest) throws ProtocolException {
        int length = Short.toUnsignedInt(rest.getShort());
        if (!isValid(length)) {
            throw new ProtocolException(invalid(kind, length));
        }
        byte[] bytes = new byte[length];
        rest.get(bytes);
        String name = new String(bytes, StandardCharsets.UTF_8);
        if (!Arrays.equals(bytes, name.getBytes(StandardCharsets.UTF_8))) {
            throw new ProtocolException("the name of a " + kind + " is not UTF-8");
        }
        if (name.indexOf('\0') >= 0) {
            // The JDK would look up the part before the NUL.
            throw new ProtocolException("the name of a " + kind + " contains NUL");
        }
        return name;
    }

    private static OptionalLong pid(ByteBuffer rest) throws ProtocolException {
        byte present = rest.get();
        return switch (present) {
            case 0 -> OptionalLong.empty();
            case 1 -> OptionalLong.of(rest.getLong());
            default ->
                throw new ProtocolException("the flag before the process id is " + present + "; it must be 0 or 1");
        };
    }

    private static <P extends UserPrincipal> P found(String kind, String name, Lookup<P> lookup)
            throws ProtocolException {
        try {
            return lookup.of(name);
        } catch (UserPrincipalNotFoundException unknown) {
            throw new ProtocolException("the " + kind + " " + name + " is unknown");
        } catch (IOException failure) {
            throw new ProtocolException("the " + kind + " " + name + " can't be looked up: " + failure.getMessage());
        }
    }
}
