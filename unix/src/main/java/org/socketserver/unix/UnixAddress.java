package org.socketserver.unix;

import java.io.Serial;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.socketserver.api.internal.PercentText;
import org.socketserver.api.internal.PlainText;

/**
 * The address of a Unix-domain socket: a path, a name in Linux's abstract namespace, or no address (unnamed).
 *
 * <p>A server has a path or an abstract name. The peers of a stream server are usually unnamed. A datagram sender that
 * has not bound its socket is also unnamed, and can't be answered.
 *
 * <p><b>Length.</b> A path has at most 107 bytes in the file system's encoding, an abstract name at most 107 bytes in
 * UTF-8 (macOS and BSD: paths of at most 103 bytes). The path of a server must be one byte shorter, because of the
 * JDK's channels. Longer addresses are rejected when they are created, never truncated.
 *
 * <p>Immutable. Two addresses are equal if they are the same bytes for the kernel. Paths are compared as they are
 * written, so a relative path and its absolute form differ.
 */
public final class UnixAddress extends SocketAddress {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Size of {@code sun_path}: unix(7) says 108; macOS and BSD have 104. */
    static final int SUN_PATH =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).matches("mac.*|.*bsd.*") ? 104 : 108;

    /** The last byte of {@code sun_path} is the NUL that ends a path. */
    static final int MAX_PATH = SUN_PATH - 1;

    /** The JDK's channels keep one more byte: {@code MAX_UNIX_DOMAIN_PATH_LEN} in its UnixDomainSockets.c. */
    static final int MAX_SERVER_PATH = SUN_PATH - 2;

    /** The first byte of {@code sun_path} is the NUL that marks an abstract name. */
    static final int MAX_NAME = SUN_PATH - 1;

    private static final UnixAddress UNNAMED = new UnixAddress(new byte[0]);

    /** The used part of {@code sun_path}: a path without its NUL, a NUL and a name, or nothing. */
    private final byte[] kernelName;

    /** The same address for junixsocket, which takes microseconds to create; null until it was needed or received. */
    private transient volatile @Nullable AFUNIXSocketAddress libraryForm;

    private UnixAddress(byte[] kernelName) {
        this.kernelName = kernelName;
    }

    /**
     * Returns the address of a path. Does not access the file system.
     *
     * @param path the path of the socket file, relative or absolute; the file need not exist
     * @return the address
     * @throws IllegalArgumentException if the path is empty, has more than 107 bytes, does not belong to the default
     *     file system, or can't be expressed in its encoding
     */
    public static UnixAddress path(Path path) {
        Objects.requireNonNull(path, "path");
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException("the path " + path + " does not belong to the default file system");
        }
        if (path.toString().isEmpty()) {
            throw new IllegalArgumentException("the path is empty");
        }
        byte[] bytes = path.toString().getBytes(pathCharset());
        if (!path.equals(Path.of(new String(bytes, pathCharset())))) {
            throw new IllegalArgumentException("the path " + path + " can't be encoded in " + pathCharset());
        }
        return new UnixAddress(checked("path", path.toString(), bytes, MAX_PATH));
    }

    /**
     * Returns the address of a name in Linux's abstract namespace, which needs no file and disappears with its last
     * socket.
     *
     * @param name the name, without the NUL or {@code @} that marks it; may contain NULs except at the end, because
     *     some programs pad names with NULs
     * @return the address
     * @throws IllegalArgumentException if the name is empty, ends with NUL, has more than 107 bytes in UTF-8, or has
     *     half of a surrogate pair, which UTF-8 can't express
     */
    public static UnixAddress abstractName(String name) {
        Objects.requireNonNull(name, "name");
        if (name.isEmpty() || name.endsWith("\0")) {
            throw new IllegalArgumentException(
                    name.isEmpty()
                            ? "the abstract name is empty"
                            : "the abstract name " + PlainText.of(name) + " ends with NUL");
        }
        byte[] bytes = checked("abstract name", name, name.getBytes(StandardCharsets.UTF_8), MAX_NAME);
        if (!name.equals(new String(bytes, StandardCharsets.UTF_8))) {
            throw new IllegalArgumentException(
                    "the abstract name " + PlainText.of(name) + " can't be encoded in " + StandardCharsets.UTF_8);
        }
        byte[] kernelName = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, kernelName, 1, bytes.length);
        return new UnixAddress(kernelName);
    }

    /**
     * Returns the address of a socket that is not bound.
     *
     * @return the address
     */
    public static UnixAddress unnamed() {
        return UNNAMED;
    }

    /**
     * Parses an address: {@code @name} is an abstract name, anything else is a path. A path that starts with {@code @}
     * is written as {@code ./@path}.
     *
     * @param address the text
     * @return the address
     * @throws IllegalArgumentException as {@link #path} and {@link #abstractName}
     */
    public static UnixAddress parse(String address) {
        Objects.requireNonNull(address, "address");
        return address.startsWith("@") ? abstractName(address.substring(1)) : path(Path.of(address));
    }

    /** Parses what follows the scheme of an address and is percent-encoded: a path or {@code @name}. */
    static UnixAddress parsePlace(String scheme, String place) {
        if (place.startsWith("//") && !place.startsWith("///")) {
            throw new IllegalArgumentException("the address " + PlainText.of(scheme + ':' + place)
                    + " has another form than " + scheme + ":PATH and " + scheme + ":@NAME");
        }
        String text = PercentText.decode(place.startsWith("//") ? place.substring(2) : place);
        return place.startsWith("@") ? abstractName(text.substring(1)) : path(Path.of(text));
    }

    /** Returns an address from the kernel's bytes; NULs at the end are padding (junixsocket pads to 108 bytes). */
    static UnixAddress ofKernel(byte[] sunPath) {
        int length = sunPath.length;
        while (length > 0 && sunPath[length - 1] == 0) {
            length--;
        }
        return length == 0 ? UNNAMED : new UnixAddress(Arrays.copyOf(sunPath, length));
    }

    /** Converts an address from junixsocket, where null is an unnamed address. */
    static UnixAddress ofLibrary(@Nullable AFUNIXSocketAddress address) {
        if (address == null) {
            return UNNAMED;
        }
        UnixAddress received = ofKernel(address.getPathAsBytes());
        // junixsocket returns abstract names with padding; nothing can be sent to a padded name.
        if (!received.isUnnamed() && !received.isAbstract()) {
            received.libraryForm = address;
        }
        return received;
    }

    /**
     * Converts this address for junixsocket, byte by byte, because it silently truncates an address that is too long.
     */
    AFUNIXSocketAddress forLibrary() throws SocketException {
        AFUNIXSocketAddress known = libraryForm;
        if (known == null) {
            known = AFUNIXSocketAddress.of(kernelName);
            libraryForm = known;
        }
        return known;
    }

    /** Returns the address of a path from the JDK's channels; the path is empty for an unnamed peer. */
    static UnixAddress ofReceived(Path path) {
        return ofKernel(path.toString().getBytes(pathCharset()));
    }

    /** Checks that this address is valid for a server. */
    UnixAddress forServer() {
        if (isUnnamed()) {
            throw new IllegalArgumentException("a server can't have the unnamed address");
        }
        if (!isAbstract()) {
            checked("path of a server", toString(), kernelName, MAX_SERVER_PATH);
        }
        return this;
    }

    private static byte[] checked(String what, String value, byte[] bytes, int limit) {
        if (bytes.length > limit) {
            throw new IllegalArgumentException("the " + what + " " + PlainText.of(value) + " has " + bytes.length
                    + " bytes; a Unix socket allows at most " + limit);
        }
        return bytes;
    }

    /** Returns the encoding of file names, which is also that of the JDK's file system. */
    static Charset pathCharset() {
        return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    }

    /** Returns the used part of {@code sun_path}; not a copy. */
    byte[] kernelName() {
        return kernelName;
    }

    boolean isAbstract() {
        return kernelName.length > 0 && kernelName[0] == 0;
    }

    /**
     * Returns whether the socket is not bound.
     *
     * @return true if it has neither path nor name
     */
    public boolean isUnnamed() {
        return kernelName.length == 0;
    }

    /**
     * Returns the path.
     *
     * @return the path; empty for the other kinds of address, and for a peer's path that this JVM's encoding of file
     *     names can't express
     */
    public Optional<Path> path() {
        if (isUnnamed() || isAbstract()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(new String(kernelName, pathCharset())));
        } catch (InvalidPathException inexpressible) {
            return Optional.empty();
        }
    }

    /**
     * Returns the name in the abstract namespace.
     *
     * @return the name without its mark; empty for the other kinds of address
     */
    public Optional<String> abstractName() {
        return isAbstract()
                ? Optional.of(new String(kernelName, 1, kernelName.length - 1, StandardCharsets.UTF_8))
                : Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UnixAddress address && Arrays.equals(kernelName, address.kernelName);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(kernelName);
    }

    /** Returns the path, {@code @name}, or {@code unnamed}; control characters are shown as {@code \\u001b}. */
    @Override
    public String toString() {
        if (isUnnamed()) {
            return "unnamed";
        }
        return abstractName()
                .map(name -> "@" + PlainText.of(name))
                .orElseGet(() -> PlainText.of(new String(kernelName, pathCharset())));
    }
}
