package org.socketserver.proxy;

import java.net.ProtocolException;
import org.socketserver.api.spi.PortableType;

/**
 * Carries headers to another process, as the bytes that the proxy has sent.
 *
 * <p>Found by {@link java.util.ServiceLoader}.
 */
public final class ProxyHeaderType implements PortableType<ProxyHeader> {
    /** For {@link java.util.ServiceLoader}. */
    public ProxyHeaderType() {}

    @Override
    public Class<ProxyHeader> type() {
        return ProxyHeader.class;
    }

    @Override
    public String name() {
        return "proxy-header";
    }

    /**
     * Writes a header.
     *
     * @param value a header
     * @return at most 4,112 bytes
     */
    @Override
    public byte[] encode(ProxyHeader value) {
        return value.bytes();
    }

    @Override
    public ProxyHeader decode(byte[] bytes) throws ProtocolException {
        return ProxyHeader.parse(bytes.clone());
    }
}
