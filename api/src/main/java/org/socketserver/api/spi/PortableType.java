package org.socketserver.api.spi;

import java.net.ProtocolException;
import java.util.ServiceLoader;

/**
 * A type of address or attribute that can be sent to another process.
 *
 * <p>A handler in a worker process sees the same addresses and the same values of {@link
 * org.socketserver.api.StreamRequest#attribute} as in the server's process. Java serialization is not used: each value
 * is sent as a few bytes that an implementation of this interface encodes and decodes.
 *
 * <p><b>A transport of your own.</b> The addresses of TCP, UDP and Unix sockets and the credentials of Unix peers are
 * built in. If your transport has another class of address or other attributes, implement this interface for each of
 * them in a public class with a public constructor without parameters, and register it with {@link ServiceLoader}:
 *
 * <ul>
 *   <li>on the class path, name the class in {@code META-INF/services/org.socketserver.api.spi.PortableType};
 *   <li>on the module path, write {@code provides org.socketserver.api.spi.PortableType with YOUR.CLASS;} in your
 *   module-info.
 * </ul>
 *
 * <p>A mix-in with worker processes rejects a server whose address has no such type.
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
 * <p>One instance is used by all threads of a process. Both processes run the same build, so the encoding needs no
 * version.
 *
 * @param <T> type of the values
 */
public interface PortableType<T> {
    /**
     * Returns the class of the values. A subclass of {@link java.net.SocketAddress} is an address. Any other class is
     * an attribute, and must be the class that is passed to {@link org.socketserver.api.StreamRequest#attribute}.
     *
     * @return the class of the values; no other {@code PortableType} has the same
     */
    Class<T> type();

    /**
     * Returns the name of this type in the encoding.
     *
     * @return 1 to 64 lower-case letters, digits, dots and hyphens; no other {@code PortableType} has the same
     */
    String name();

    /**
     * Encodes a value.
     *
     * @param value the value
     * @return at most 65,535 bytes that {@link #decode} turns into an equal value; owned by the caller
     * @throws IllegalArgumentException if this value can't be encoded; the message has the value and the reason
     */
    byte[] encode(T value);

    /**
     * Decodes a value. For any bytes, it must return a value or throw {@link ProtocolException}.
     *
     * @param bytes the result of {@link #encode} in another process
     * @return the value
     * @throws ProtocolException if the bytes are not a value; the message says what is wrong, and the bound
     */
    T decode(byte[] bytes) throws ProtocolException;
}
