package org.socketserver.api.spi;

import java.net.ProtocolException;
import java.util.ServiceLoader;

/**
 * A kind of address, or of fact about a request, that can be carried to another process.
 *
 * <p>Where requests run in worker processes, a handler there sees the addresses of its request and the facts that
 * {@link org.socketserver.api.StreamRequest#attribute} gives as it would see them here. No Java serialization is
 * involved: each value travels as a few bytes that the type of this interface writes and reads.
 *
 * <p><b>A transport of your own.</b> The addresses of TCP, UDP and Unix sockets, and the credentials of Unix peers, are
 * known. If your transport has another class of address, or facts of its own, implement this interface for each of
 * them, in a public class with a public constructor without parameters, and make it known to {@link ServiceLoader}:
 *
 * <ul>
 *   <li>on the class path, name the class in {@code META-INF/services/org.socketserver.api.spi.PortableType};
 *   <li>on the module path, write {@code provides org.socketserver.api.spi.PortableType with YOUR.CLASS;} in your
 *   module-info.
 * </ul>
 *
 * <p>A mix-in with worker processes refuses a server whose address has no such type.
 *
 * <pre>{@code
 * public final class SerialPortType implements PortableType<SerialPort> {
 *     public Class<SerialPort> type() { return SerialPort.class; }
 *     public String name() { return "com.example.serial-port"; }
 *     public byte[] encode(SerialPort port) { return port.device().getBytes(StandardCharsets.UTF_8); }
 *     public SerialPort decode(byte[] bytes) throws ProtocolException { ... }
 * }
 * }</pre>
 *
 * <p>One instance serves all threads of a process. Both processes run the same build, so there is no version to carry.
 *
 * @param <T> the kind of value
 */
public interface PortableType<T> {
    /**
     * Returns what can be carried: addresses if it is a {@link java.net.SocketAddress}, otherwise a fact that stream
     * requests are asked for, with this very class.
     *
     * @return the class of the values; no other {@code PortableType} has the same
     */
    Class<T> type();

    /**
     * Returns the name of the kind on the wire.
     *
     * @return 1 to 64 lower-case letters, digits, dots and hyphens; no other {@code PortableType} has the same
     */
    String name();

    /**
     * Writes a value.
     *
     * @param value the value
     * @return at most 65,535 bytes that {@link #decode} makes an equal value of; the caller's to keep
     * @throws IllegalArgumentException if this very value can't be carried, with the value and the reason
     */
    byte[] encode(T value);

    /**
     * Reads a value. Trusts nothing: whatever the bytes are, it gives a value or throws this exception.
     *
     * @param bytes what {@link #encode} gave, in another process
     * @return the value
     * @throws ProtocolException if the bytes are none; the message names what is wrong, and the bound
     */
    T decode(byte[] bytes) throws ProtocolException;
}
