package org.socketserver.unix;

import java.net.ProtocolException;
import org.socketserver.api.spi.PortableType;

/**
 * Carries the addresses of Unix sockets to another process, as the kernel's bytes, so that a path stays the same even
 * if this JVM can't express it.
 *
 * <p>Found by {@link java.util.ServiceLoader}. A path is its bytes, an abstract name has a NUL before its bytes, and an
 * unnamed address has no bytes.
 */
public final class UnixAddressType implements PortableType<UnixAddress> {
    /** For {@link java.util.ServiceLoader}. */
    public UnixAddressType() {}

    @Override
    public Class<UnixAddress> type() {
        return UnixAddress.class;
    }

    @Override
    public String name() {
        return "unix";
    }

    @Override
    public byte[] encode(UnixAddress value) {
        return value.kernelName().clone();
    }

    @Override
    public UnixAddress decode(byte[] bytes) throws ProtocolException {
        if (bytes.length > UnixAddress.SUN_PATH) {
            throw new ProtocolException("the address of a Unix socket has " + bytes.length
                    + " bytes; it must have at most " + UnixAddress.SUN_PATH);
        }
        if (bytes.length > 0 && bytes[bytes.length - 1] == 0) {
            throw new ProtocolException("the address of a Unix socket ends with NUL");
        }
        return UnixAddress.ofKernel(bytes);
    }
}
